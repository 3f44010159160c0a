package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// turn is a piece with its job.
type turn struct {
	job   job
	piece string
}

// turns returns all pieces in their order: those of the short jobs, then one of each long job, then a second
// of each, and so on.
func turns(jobs []job) (all []turn) {
	rounds := 0
	for _, j := range jobs {
		if j.long {
			rounds = max(rounds, len(j.pieces))
			continue
		}
		for _, piece := range j.pieces {
			all = append(all, turn{j, piece})
		}
	}
	for i := range rounds {
		for _, j := range jobs {
			if j.long && i < len(j.pieces) {
				all = append(all, turn{j, j.pieces[i]})
			}
		}
	}
	return all
}

// run runs the pieces that the record lacks, until the context ends. It leaves out a piece that typically takes
// longer than what is left. A piece that the context ends is not recorded.
func (r *record) run(ctx context.Context, jobs []job, log io.Writer) error {
	for _, t := range turns(jobs) {
		if ctx.Err() != nil {
			break
		}
		if end, ok := ctx.Deadline(); r.done(t.piece) || ok && time.Until(end) < t.job.typical {
			continue
		}
		fmt.Fprintf(log, "%s  %s\n", time.Now().Format(time.TimeOnly), t.piece)
		start := time.Now()
		output, err := execute(ctx, t.piece)
		if ctx.Err() != nil {
			fmt.Fprintln(log, "          stopped: it begins anew the next time")
			break
		}
		one := result{Job: t.job.name, Piece: t.piece, Count: t.job.count(output), Seconds: time.Since(start).Seconds(), Ended: time.Now()}
		if t.job.harmless != nil && t.job.harmless.MatchString(output) {
			err = nil
		}
		if err == nil && one.Count == 0 {
			err = fmt.Errorf("it ran no %s", t.job.unit)
		}
		if one.Failed = err != nil; one.Failed {
			fmt.Fprintf(log, "%s\n          FAILED: %v. To repeat it:\n%s\n", tail(output, 40), err, t.piece)
		} else {
			fmt.Fprintf(log, "          %d %s in %.0f s\n", one.Count, t.job.unit, one.Seconds)
		}
		if err := r.add(one); err != nil {
			return err
		}
	}
	return nil
}

// execute runs a command of bash. At the end of the context it ends the command and all that it started.
func execute(ctx context.Context, line string) (output string, err error) {
	var both bytes.Buffer
	c := exec.CommandContext(ctx, "bash", "-c", line)
	c.Stdout, c.Stderr = &both, &both
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 5 * time.Second
	err = c.Run()
	return both.String(), err
}

// tail returns the last lines of a text.
func tail(text string, lines int) string {
	all := slices.Collect(strings.Lines(strings.TrimSpace(text)))
	return strings.Join(all[max(0, len(all)-lines):], "")
}
