package main

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// limitFiles lets no file grow beyond so many bytes, as on a full disk, until the test ends.
func limitFiles(t *testing.T, bytes uint64) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Fatal(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	})
}

// The newest checkpoint takes the place of the one before. A write that fails changes
// nothing, and a file system that renames nothing keeps the newest alone.
func TestSaveCheckpoint(t *testing.T) {
	f := folder{path: t.TempDir()}
	check := func(newest, previous string) {
		t.Helper()
		all := files(t, f.join("max"))
		if string(all[newestFile]) != newest || string(all[previousFile]) != previous || len(all) > 2 {
			t.Errorf("got %q, want %q and %q", all, newest, previous)
		}
	}
	save := func(text string) error { return f.saveCheckpoint("max", []byte(text)) }
	if err := errors.Join(save("one"), save("two")); err != nil {
		t.Fatal(err)
	}
	check("two", "one")
	limitFiles(t, 1000)
	if err := save(strings.Repeat("three", 1000)); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %v", err)
	}
	check("two", "")
	f.dropPrevious("max")
	if err := os.MkdirAll(f.join("max", previousFile, "a folder where no file can go"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := save("four"); err != nil {
		t.Error(err)
	}
	check("four", "")
}

// A run whose files cannot be written says why, in one line, and leaves no temporary ones.
func TestTrainDiskFull(t *testing.T) {
	t.Chdir(t.TempDir())
	line := "train --epochs 3 --batch 500 --hidden 2 --pooling max --checkpoint-every 1 --quiet --out "
	for limit, want := range map[uint64]string{
		100:  "report: write run/config.json: file too large\n",
		3000: "max: checkpoint: write run/max/checkpoint.safetensors: file too large; \"wgpucnn train --resume run\" goes on\n",
	} {
		t.Run(want, func(t *testing.T) {
			limitFiles(t, limit)
			defer os.RemoveAll("run")
			if status, _, err := call(strings.Fields(line + "run")...); status != 1 || err != "wgpucnn: "+want {
				t.Errorf("status %d, %q, want %q", status, err, want)
			}
			if all, _ := filepath.Glob("run/*"); limit == 100 && all != nil {
				t.Errorf("it left %q", all)
			}
		})
	}
}
