// Command nightly runs the campaign of "make nightly": everything that takes hours and that must never fail.
//
//	go run ./testdata/nightly [--hours 2] [--fuzz 30s]
//
// runs from the repository's root, where bin/wgpucnn must be built. It runs one piece after another until all are
// done or the time is over. bin/nightly.json keeps what was done, so that the next call goes on there. Another
// commit, adapter or driver begins a new record. At the end it writes the table of docs/reliability.md. The exit
// status is 1 if a piece failed, in this call or before.
//
//	go run ./testdata/nightly kills SEED COUNT
//	go run ./testdata/nightly soak
//
// run what no other command of the project does: trainings that are killed, and a training past 2^20 steps.
// They read /proc, so that they need Linux.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	flag "github.com/spf13/pflag"
)

const (
	recordFile = "bin/nightly.json"
	page       = "docs/reliability.md"
	program    = "bin/wgpucnn"
)

func main() {
	hours := flag.Float64("hours", 2, "hours after which no piece runs any more")
	fuzz := flag.Duration("fuzz", 30*time.Second, "time of each fuzz target")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch args := flag.Args(); {
	case *hours <= 0 || *fuzz < time.Second:
		fmt.Fprintln(os.Stderr, "nightly: want --hours above 0 and --fuzz of 1s or more")
		os.Exit(2)
	case len(args) == 0:
		err = campaign(ctx, time.Duration(*hours*float64(time.Hour)), *fuzz)
	case len(args) == 1 && args[0] == "soak":
		err = soak()
	case len(args) == 3 && args[0] == "kills":
		seed, err1 := strconv.ParseUint(args[1], 10, 64)
		count, err2 := strconv.Atoi(args[2])
		if err = errors.Join(err1, err2); err == nil {
			err = kills(seed, count)
		}
	default:
		fmt.Fprintf(os.Stderr, "nightly: unexpected %q: want nothing, soak, or kills SEED COUNT\n", args)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nightly:", err)
		os.Exit(1)
	}
}

// campaign runs the pieces that the record lacks, and writes the table.
func campaign(ctx context.Context, limit, fuzz time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	jobs, err := listJobs(fuzz)
	if err != nil {
		return err
	}
	here, err := findOrigin()
	if err != nil {
		return err
	}
	r, err := openRecord(recordFile, here)
	if err != nil {
		return err
	}
	if err := r.run(ctx, jobs, os.Stderr); err != nil {
		return err
	}
	if err := writeTable(page, r, jobs); err != nil {
		return err
	}
	if failed := r.failures(); failed > 0 {
		return fmt.Errorf("%d pieces failed on this commit: %s names the commands that repeat them", failed, page)
	}
	return nil
}
