// Command table turns what gpu-kit/run.sh measured into the table of the figures to reach.
//
//	table FOLDER [FAILURE]...
//
// reads lines.txt, verify.json, verify-default.json and bench.json in the folder. It prints the
// table for people and writes results.json for programs. A line whose measurement is missing says
// so. The failures are what the caller knows of; the table lists them.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "table: want a folder, then the failures")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string, failures []string) error {
	m, err := read(folder)
	if err != nil {
		return err
	}
	r := m.result(failures)
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "results.json"), append(data, '\n'), 0o644); err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(r.String())
	return err
}

// measured is what the files of a folder hold.
type measured struct {
	rounds
	verify, verifyDefault *verifyReport // nil if there is none
	bench                 benchReport
}

// read reads a folder. A file that is missing leaves its part empty.
func read(folder string) (measured, error) {
	var m measured
	text, err := contents(folder, "lines.txt")
	if err != nil {
		return m, err
	}
	m.rounds = parseRounds(string(text))
	for _, file := range []struct {
		name string
		into any
	}{{"verify.json", &m.verify}, {"verify-default.json", &m.verifyDefault}, {"bench.json", &m.bench}} {
		data, err := contents(folder, file.name)
		if err != nil {
			return m, err
		}
		if data == nil {
			continue
		}
		if err := json.Unmarshal(data, file.into); err != nil {
			return m, fmt.Errorf("table: %s: not what wgpucnn writes: %w", filepath.Join(folder, file.name), err)
		}
	}
	return m, nil
}

// contents returns a file, or nil if there is none.
func contents(folder, name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return data, nil
}
