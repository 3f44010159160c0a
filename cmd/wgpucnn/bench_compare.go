package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/bench"
	"wgpucnn/nn/durable"

	"github.com/spf13/pflag"
)

// compareSettings are the values of the flags of "bench compare".
type compareSettings struct {
	png, html string
	json      bool
}

func compareFlags(s *compareSettings) *pflag.FlagSet {
	flags := cmdline.New("bench compare")
	cmdline.PathFlag(flags, &s.png, "png", "`file` for a picture of the ratios")
	cmdline.PathFlag(flags, &s.html, "html", "`file` for a page of all figures, which needs no other file")
	flags.BoolVar(&s.json, "json", false, "print the comparison as JSON instead of the table")
	return flags
}

// mostFile is the greatest size of a report that is read. A report has some tens of KB.
const mostFile = 64 << 20

// benchCompare compares the files that args name.
func benchCompare(args []string, out streams) error {
	var s compareSettings
	flags := compareFlags(&s)
	names, err := cmdline.ParseFiles(flags, args)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fail.Usagef("bench compare: no file: want some that \"wgpucnn bench --out FILE\" wrote")
	}
	if err := cmdline.CheckFile("bench compare: --png", s.png); err != nil {
		return err
	}
	if err := cmdline.CheckFile("bench compare: --html", s.html); err != nil {
		return err
	}
	var files []bench.File
	for _, name := range names {
		data, err := readAtMost(name, mostFile)
		if err != nil {
			return fmt.Errorf("bench compare: %w", err)
		}
		r, err := bench.Parse(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, bench.File{Name: filepath.Base(name), Report: r})
	}
	comparison, err := bench.Compare(files)
	if err != nil {
		return err
	}
	for _, view := range []struct {
		path   string
		render func() ([]byte, error)
	}{{s.png, comparison.Picture}, {s.html, comparison.Page}} {
		if view.path == "" {
			continue
		}
		data, err := view.render()
		if err == nil {
			err = durable.Write(view.path, data)
		}
		if err != nil {
			return err
		}
	}
	if s.json {
		return printJSON(out.out, comparison)
	}
	terminal.Say(out.out, "%s", comparison.Table(terminal.Columns(out.out)))
	return nil
}

// readAtMost reads a file. It returns an error if the file has more than most bytes.
func readAtMost(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s: more than %d MiB: not a file of \"wgpucnn bench\"", name, most>>20)
	}
	return data, err
}
