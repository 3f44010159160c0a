package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/durable"
)

// fillDisk makes the writing of checkpoints fail. That ends when the caller calls free, or with the
// test.
func fillDisk(t *testing.T) (free func()) {
	free = func() { runs.WriteCheckpoint = durable.Write }
	t.Cleanup(free)
	runs.WriteCheckpoint = func(path string, _ []byte) error { return &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC} }
	return free
}

// A run whose checkpoint cannot be written says in one line why, and how to go on.
func TestTrainDiskFull(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	free := fillDisk(t)
	status, _, err := call(strings.Fields("train --epochs 3 --batch 500 --hidden 2 --pooling max --checkpoint-every 1 --quiet --out run")...)
	want := "wgpucnn: max: checkpoint: write " + filepath.Join("run", "max", runs.CheckpointFile) + ": no space left on device; \"wgpucnn train --resume run\" goes on\n"
	if status != 1 || err != want {
		t.Errorf("status %d, %q, want %q", status, err, want)
	}
	free()
	mustCall(t, "train", "--quiet", "--resume", "run")
}

// A run saves checkpoints by time, also if it is to save none by epochs.
func TestCheckpointsByTime(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	defer func(before time.Duration) { checkpointWithin = before }(checkpointWithin)
	for _, c := range []struct {
		within time.Duration
		want   bool // more than the one at the end
	}{{time.Hour, false}, {1, true}} {
		checkpointWithin = c.within
		count := 0
		fillDisk(t)
		runs.WriteCheckpoint = func(path string, data []byte) error {
			count++
			return durable.Write(path, data)
		}
		mustCall(t, strings.Fields("train --epochs 5 --batch 1500 --hidden 2 --pooling max --checkpoint-every 0 --quiet --out "+c.within.String())...)
		if count > 1 != c.want {
			t.Errorf("within %v: %d checkpoints", c.within, count)
		}
	}
}
