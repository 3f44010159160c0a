package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The files of a run that must be those of a run without a kill. The others hold times.
var sameFiles = []string{"max/model.safetensors", "max/model.onnx", "max/metrics.csv", "max/evaluation.json", "max/report.txt", "max/curves.png"}

// victim is a training that is killed at random moments.
type victim struct {
	program string
	folder  string        // for all runs
	life    time.Duration // of a run without a kill
	random  *rand.Rand
}

// kills kills tiny trainings so many times, resumes each until it is complete, and compares what they leave with
// what a training without a kill leaves.
func kills(seed uint64, count int) error {
	folder, err := os.MkdirTemp("", "kills")
	if err != nil {
		return err
	}
	v := victim{program: program, folder: folder, random: rand.New(rand.NewPCG(seed, 0))}
	if err := v.kill(count); err != nil {
		return fmt.Errorf("%w; %s keeps the runs", err, folder)
	}
	return os.RemoveAll(folder)
}

func (v *victim) kill(count int) error {
	whole := filepath.Join(v.folder, "whole")
	start := time.Now()
	if _, err := v.train(whole, nil); err != nil {
		return err
	}
	v.life = time.Since(start)
	done, runs := 0, 0
	for ; done < count; runs++ {
		run := filepath.Join(v.folder, fmt.Sprint(runs+1))
		for left := 1 + v.random.IntN(4); ; { // kills of this run
			moment := v.moment
			if left == 0 || done == count {
				moment = nil
			}
			killed, err := v.train(run, moment)
			if err != nil {
				return err
			}
			if !killed {
				break
			}
			left--
			done++
		}
		if err := same(run, whole); err != nil {
			return err
		}
		if err := os.RemoveAll(run); err != nil {
			return err
		}
	}
	fmt.Printf("%d kills of %d runs\n", done, runs)
	return nil
}

// train begins the run of a folder, or goes on with it. If moment is not nil, it kills the program at that
// moment, unless it ended before.
func (v *victim) train(run string, moment func(run string) <-chan time.Time) (killed bool, err error) {
	args := []string{"train", "--quiet", "--resume", run}
	if _, err := os.Stat(filepath.Join(run, "config.json")); errors.Is(err, fs.ErrNotExist) {
		args = strings.Fields("train --epochs 12 --batch 500 --hidden 2 --pooling max --tiling default --checkpoint-every 1 --quiet --out " + run)
	}
	c := exec.Command(v.program, args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	c.Env = append(os.Environ(), "TMPDIR="+v.folder)
	c.WaitDelay = time.Minute // for a child that lives on
	if err := c.Start(); err != nil {
		return false, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var timer <-chan time.Time // never
	if moment != nil {
		timer = moment(run)
	}
	select {
	case err = <-ended:
	case <-timer:
		c.Process.Kill() // its child, which trains, dies with it
		err = <-ended
		if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
			return true, nil
		}
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w: %s", strings.Join(c.Args, " "), err, &out)
	}
	return false, nil
}

// moment returns a channel that tells when to kill. Half of the moments lie anywhere in the life of a run. The
// others lie shortly after the process writes one of the run's files, if it does before that.
func (v *victim) moment(run string) <-chan time.Time {
	if v.random.IntN(2) == 0 {
		return time.After(v.part(v.life))
	}
	name := filepath.Join(run, []string{"config.json", "max/checkpoint.safetensors", "max/model.safetensors", "summary.json"}[v.random.IntN(4)])
	lag, start, end := v.part(100*time.Millisecond), time.Now(), time.Now().Add(v.part(v.life))
	timer := make(chan time.Time, 1)
	go func() {
		for time.Now().Before(end) {
			// Times of files are coarser than those of the clock.
			if info, err := os.Stat(name); err == nil && info.ModTime().After(start.Add(-10*time.Millisecond)) {
				break
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(lag)
		timer <- time.Now()
	}()
	return timer
}

// part returns a random part of a time.
func (v *victim) part(d time.Duration) time.Duration { return time.Duration(v.random.Int64N(int64(d))) }

// same fails if a file of one run is not that of the other.
func same(run, whole string) error {
	var errs []error
	for _, name := range sameFiles {
		got, err := os.ReadFile(filepath.Join(run, name))
		want, wantErr := os.ReadFile(filepath.Join(whole, name))
		if err := errors.Join(err, wantErr); err != nil {
			errs = append(errs, err)
		} else if !bytes.Equal(got, want) {
			errs = append(errs, fmt.Errorf("%s differs from that of a run without a kill", filepath.Join(run, name)))
		}
	}
	return errors.Join(errs...)
}
