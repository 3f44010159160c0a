package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
)

// openTwice lets --jobs 2 open one adapter twice until the end of the test.
func openTwice(t *testing.T) {
	alike = func(_ string, o engine.Options, _ engine.Adapter) ([]engine.Options, error) {
		return []engine.Options{o, o}, nil
	}
	t.Cleanup(func() { alike = choose.Alike })
}

// Variants that are trained at once leave the weights of those trained one after another, and stand in
// the same order.
func TestJobs(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	line := "train --epochs 2 --batch 500 --hidden 1 --pooling max,avg --seeds 0-2 --validation 0.1 --tiling default --out "
	mustCall(t, strings.Fields(line+in("one"))...)
	status, _, stderr := call(strings.Fields(line + in("refused") + " --jobs 64")...)
	if status != 1 || !strings.Contains(stderr, "train: --jobs 64: found ") || !strings.Contains(stderr, "want at most so many jobs, because an adapter trains one variant at a time") {
		t.Errorf("status %d, %q", status, stderr)
	}
	openTwice(t)
	status, _, stderr = call(strings.Fields(line + in("two") + " --jobs 2 --log " + in("log"))...)
	if status != 0 || strings.Count(stderr, "epoch 2/2") != 6 || !strings.Contains(stderr, "avg/seed-2: epoch 2/2") {
		t.Fatalf("status %d, %q", status, stderr)
	}
	one, err := runs.ReadSummary(in("one"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := runs.ReadSummary(in("two"))
	if err != nil || len(two.Variants) != 6 {
		t.Fatalf("%d variants, %v, want 6", len(two.Variants), err)
	}
	for i, v := range two.Variants {
		if w := one.Variants[i]; v.Name != w.Name || v.Validation != w.Validation || v.Test != w.Test ||
			!reflect.DeepEqual(weightsOf(t, in("two"), v.Folder), weightsOf(t, in("one"), v.Folder)) {
			t.Errorf("variant %d is %+v, want %+v", i, v, w)
		}
	}
	if _, events := readLog(t, in("log")); len(events) != 1+6*3+2 {
		t.Errorf("the log has %d lines: %v", len(events), events)
	}
	if out := mustCall(t, "train", "--resume", in("two")); !strings.Contains(out, "is complete") {
		t.Errorf("got %q", out)
	}
}

// One worker that is stopped stops the others. All keep what their finished epochs produced, and the run
// goes on from there.
func TestJobsStopped(t *testing.T) {
	enginetest.Open(t)
	openTwice(t)
	folder := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	line := "train --epochs 1000000 --batch 1500 --hidden 1 --pooling max,avg --jobs 2 --tiling default --out " + folder
	status := execute(ctx, strings.Fields(line), streams{io.Discard, cancelAt{"epoch", cancel}})
	left := runstest.Files(t, folder)
	if status != 130 || left["max/"+runs.CheckpointFile] == nil && left["avg/"+runs.CheckpointFile] == nil || left[runs.SummaryFile] == nil {
		t.Errorf("status %d, %d files", status, len(left))
	}
}

// The cause stands before what it stopped.
func TestErrorsOfWorkers(t *testing.T) {
	stop := stopped{"avg: stopped"}
	cause := fmt.Errorf("max: %w", nn.ErrDiverged)
	if order(cause) >= order(stop) || order(stop) >= order(nil) || order(errors.New("disk")) != order(cause) {
		t.Error("the order is another")
	}
}
