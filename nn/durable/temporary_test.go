package durable

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A Write removes what killed ones have left in the folder. It leaves other files, and those that are
// being written.
func TestSweep(t *testing.T) {
	folder := t.TempDir()
	mine, left := []string{".wgpucnn-best", ".wgpucnn-", ".wgpucnn-0123456789abcdef0", "wgpucnn-1", ".wgpucnn-1.txt"}, []string{".wgpucnn-1", ".wgpucnn-0123456789abcdef"}
	for _, name := range slices.Concat(mine, left) {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(folder, ".wgpucnn-a"), 0o777); err != nil {
		t.Fatal(err)
	}
	f, guard, err := create(folder, newMode)
	if err != nil || guard == nil {
		t.Fatalf("%v, %v: the tests need a file system with locks", guard, err)
	}
	if err := fill(f, strings.NewReader("text")); err != nil { // closes f
		t.Fatal(err)
	}
	if err := Write(filepath.Join(folder, "a.txt"), nil); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(folder, ".wgpucnn-a"))
	writing := filepath.Base(f.Name())
	got, want := slices.Sorted(maps.Keys(contents(t, folder))), slices.Sorted(slices.Values(append(mine, "a.txt", writing)))
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	guard.Close()
	Sweep(folder)
	if all := contents(t, folder); len(all) != len(want)-1 {
		t.Errorf("%s stays when its process has ended: %v", writing, all)
	}
}

// Two processes that write and sweep at once each write their file.
func TestSweepBesideWrite(t *testing.T) {
	folder := t.TempDir()
	done := make(chan error)
	for _, name := range []string{"a", "b"} {
		go func() {
			var err error
			for range 30 {
				err = errors.Join(err, Write(filepath.Join(folder, name), []byte(name)))
			}
			done <- err
		}()
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Error(err)
	}
	if got := contents(t, folder); len(got) != 2 || got["a"] != "a" || got["b"] != "b" {
		t.Errorf("got %v", got)
	}
}

// A Sweep that takes a new temporary file for an old one does not disturb its Write.
func TestSweepBeforeTheLock(t *testing.T) {
	folder := t.TempDir()
	swept := false
	real := hold
	defer func() { hold = real }()
	hold = func(f *os.File) (*os.File, error) {
		if !swept {
			swept = true
			Sweep(folder)
		}
		return real(f)
	}
	if err := Write(filepath.Join(folder, "a"), []byte("text")); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, folder); !swept || len(got) != 1 || got["a"] != "text" {
		t.Errorf("got %v", got)
	}
}

// On a file system without locks a temporary file of yesterday is removed, and no younger one.
func TestSweepWithoutLocks(t *testing.T) {
	defer func(before func(*os.File) error) { tryLock = before }(tryLock)
	tryLock = func(*os.File) error { return errors.ErrUnsupported }
	folder := t.TempDir()
	for name, age := range map[string]time.Duration{".wgpucnn-1": dead + time.Hour, ".wgpucnn-2": dead - time.Hour} {
		path, changed := filepath.Join(folder, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o644), os.Chtimes(path, changed, changed)); err != nil {
			t.Fatal(err)
		}
	}
	Sweep(folder)
	if all := contents(t, folder); len(all) != 1 || slices.Collect(maps.Keys(all))[0] != ".wgpucnn-2" {
		t.Errorf("it left %v", all)
	}
	if lock, err := Lock(folder); lock != nil || err != nil {
		t.Errorf("Lock: %v, %v", lock, err)
	}
}

// One process has a folder at a time. The others may write and list files there.
func TestLock(t *testing.T) {
	folder := t.TempDir()
	lock, err := Lock(folder)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Lock(folder); err != ErrLocked || second != nil {
		t.Errorf("beside the first: %v, %v", second, err)
	}
	if err := Write(filepath.Join(folder, "a.txt"), nil); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	lock.Close()
	again, err := Lock(folder)
	if err != nil {
		t.Errorf("after the first: %v", err)
	}
	again.Close()
}
