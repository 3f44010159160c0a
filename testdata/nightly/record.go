package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// origin is what a record's results belong to.
type origin struct {
	Commit  string // the last one that changed more than the table
	Machine string
	Adapter string
	Driver  string
}

// record is what was done.
type record struct {
	origin
	Begun   time.Time
	Results []result

	path string
}

// result is the end of a piece.
type result struct {
	Job, Piece string
	Count      int
	Failed     bool `json:",omitempty"`
	Seconds    float64
	Ended      time.Time
}

// findOrigin describes the commit and this machine.
func findOrigin() (origin, error) {
	commit, err := exec.Command("git", "log", "-1", "--format=%h", "--", ".", ":!"+page).Output()
	if err != nil {
		return origin{}, fmt.Errorf("git log: %w", err)
	}
	text, err := exec.Command(program, "devices", "--json").Output()
	if err != nil {
		return origin{}, fmt.Errorf("%s devices: %w: run make build", program, err)
	}
	var devices []struct{ Name, Driver, Backend string }
	if err := json.Unmarshal(text, &devices); err != nil {
		return origin{}, fmt.Errorf("%s devices: %w", program, err)
	}
	if len(devices) == 0 {
		return origin{}, errors.New("this machine has no adapter: run make setup")
	}
	processors, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return origin{}, err
	}
	model := "unknown processor"
	if m := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(processors); m != nil {
		model = string(m[1])
	}
	return origin{
		Commit:  strings.TrimSpace(string(commit)),
		Machine: fmt.Sprintf("%s, %d cores", model, runtime.NumCPU()),
		Adapter: devices[0].Name + ", " + devices[0].Backend,
		Driver:  devices[0].Driver,
	}, nil
}

// openRecord reads the record of a file. It begins a new one if there is none of this origin.
func openRecord(path string, here origin) (*record, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var r record
	if err == nil {
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: %w: remove it to begin anew", path, err)
		}
	}
	if r.origin != here {
		r = record{origin: here, Begun: time.Now()}
	}
	r.path = path
	return &r, nil
}

// add keeps a result. The file is replaced at once, so that a kill loses no more than the piece that runs.
func (r *record) add(one result) error {
	r.Results = append(r.Results, one)
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.path), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(r.path+".new", append(text, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(r.path+".new", r.path)
}

// done tells whether a piece was run to its end.
func (r *record) done(piece string) bool {
	for _, one := range r.Results {
		if one.Piece == piece {
			return true
		}
	}
	return false
}

// failures counts the pieces that failed.
func (r *record) failures() (n int) {
	for _, one := range r.Results {
		if one.Failed {
			n++
		}
	}
	return n
}
