package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The soak trains a tiny network on the built-in pictures: an epoch has 1,500 steps of one row.
const (
	soakEpochs = 700
	soakSteps  = 1500 * soakEpochs // more than 2^20
)

// sample is what a process and those that it started hold.
type sample struct {
	memory  int // resident, in KiB
	files   int // open
	threads int
}

// soak trains past 2^20 steps in one process, and fails if what it holds grows.
func soak() error {
	folder, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	c := exec.Command(program, "train", "--epochs", fmt.Sprint(soakEpochs), "--batch", "1", "--hidden", "1", "--pooling", "max",
		"--tiling", "default", "--out", filepath.Join(folder, "run"))
	// glibc gives threads arenas of their own. Go moves the work from thread to thread, so that one arena after
	// another grows to what a submission takes: 60 MiB were added to 290 in all, and a leak would hide behind them.
	c.Env = append(os.Environ(), "MALLOC_ARENA_MAX=1")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var samples []sample
	for running := true; running; {
		select {
		case err = <-ended:
			running = false
		case <-time.After(500 * time.Millisecond):
			// The first checkpoint shows that everything is open and compiled.
			if _, err := os.Stat(filepath.Join(folder, "run/max/checkpoint.safetensors")); err == nil {
				samples = append(samples, take(c.Process.Pid))
			}
		}
	}
	if err != nil {
		return fmt.Errorf("the training failed: %w\n%s", err, &out)
	}
	if !strings.Contains(out.String(), "of 1,500 steps") {
		return fmt.Errorf("the training has other epochs than 1500 steps:\n%s", &out)
	}
	parts, err := fifths(samples)
	if err != nil {
		return err
	}
	for i, s := range parts {
		fmt.Printf("fifth %d: %.1f MiB, %d files, %d threads\n", i+1, float64(s.memory)/1024, s.files, s.threads)
	}
	fmt.Println(soakSteps, "steps")
	return growth(parts[0], parts[4])
}

// fifths returns the medians of each fifth of the samples. A median leaves out what holds for a moment: a
// checkpoint that is written, the garbage before a collection, the end of the process.
func fifths(samples []sample) (parts [5]sample, err error) {
	if len(samples) < 50 {
		return parts, fmt.Errorf("%d samples: want 50 or more", len(samples))
	}
	for i := range parts {
		part := samples[i*len(samples)/5 : (i+1)*len(samples)/5]
		parts[i] = sample{
			median(part, func(s sample) int { return s.memory }),
			median(part, func(s sample) int { return s.files }),
			median(part, func(s sample) int { return s.threads }),
		}
	}
	return parts, nil
}

func median(samples []sample, of func(sample) int) int {
	var all []int
	for _, s := range samples {
		all = append(all, of(s))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// growth fails if the last fifth holds more than the first. A step that forgets 16 bytes, the smallest block of
// Go's and C's allocators with a pointer in it, makes memory grow by 12.8 MiB between the middles of the two
// fifths. Not a file may be added. Go starts a thread when others are busy and never ends it: some are allowed,
// but an epoch that leaves one would add hundreds.
func growth(first, last sample) error {
	const bytesOfStep = 16
	var errs []error
	if limit := soakSteps * 4 / 5 * bytesOfStep / 1024; last.memory-first.memory >= limit {
		errs = append(errs, fmt.Errorf("memory grew by %d KiB: want less than %d", last.memory-first.memory, limit))
	}
	if last.files > first.files {
		errs = append(errs, fmt.Errorf("%d files were open, and then %d", first.files, last.files))
	}
	if last.threads > first.threads+8 {
		errs = append(errs, fmt.Errorf("%d threads ran, and then %d", first.threads, last.threads))
	}
	return errors.Join(errs...)
}

var (
	resident = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB`)
	threads  = regexp.MustCompile(`(?m)^Threads:\s+(\d+)`)
)

// take samples a process and those that it started. A process that has ended adds nothing.
func take(pid int) (s sample) {
	folder := fmt.Sprintf("/proc/%d", pid)
	status, _ := os.ReadFile(folder + "/status")
	s.memory, s.threads = number(resident, status), number(threads, status)
	files, _ := os.ReadDir(folder + "/fd")
	s.files = len(files)
	lists, _ := filepath.Glob(folder + "/task/*/children")
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for child := range strings.FieldsSeq(string(children)) {
			if id, err := strconv.Atoi(child); err == nil {
				of := take(id)
				s = sample{s.memory + of.memory, s.files + of.files, s.threads + of.threads}
			}
		}
	}
	return s
}

// number returns the number that a pattern finds in a text, or 0.
func number(pattern *regexp.Regexp, text []byte) (n int) {
	if m := pattern.FindSubmatch(text); m != nil {
		n, _ = strconv.Atoi(string(m[1]))
	}
	return n
}
