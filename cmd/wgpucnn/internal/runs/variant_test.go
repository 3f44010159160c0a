package runs

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/nn/durable"
)

// The newest checkpoint takes the place of the one before. A write that fails loses nothing. A file
// system that renames nothing keeps the newest alone.
func TestSaveCheckpoint(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	check := func(newest, previous string) {
		t.Helper()
		all := runstest.Files(t, f.Join("max"))
		if string(all[CheckpointFile]) != newest || string(all[PreviousFile]) != previous || len(all) > 2 {
			t.Errorf("got %q, want %q and %q", all, newest, previous)
		}
	}
	save := func(text string) error { return f.SaveCheckpoint("max", []byte(text)) }
	if err := errors.Join(save("one"), save("two")); err != nil {
		t.Fatal(err)
	}
	check("two", "one")
	WriteCheckpoint = func(path string, _ []byte) error { return &os.PathError{Op: "write", Path: path, Err: syscall.ENOSPC} }
	defer func() { WriteCheckpoint = durable.Write }()
	if err := save("three"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	check("two", "")
	WriteCheckpoint = durable.Write
	f.DropPrevious("max")
	if err := os.MkdirAll(f.Join("max", PreviousFile, "a folder where no file can go"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := save("four"); err != nil {
		t.Error(err)
	}
	check("four", "")
}

// The model of a variant is written last, because a variant with its model is done.
func TestWriteVariant(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	contents := map[string][]byte{}
	for _, name := range variantFiles {
		contents[name] = []byte(name)
	}
	blocked := f.Join("max", EvaluationFile)
	if err := os.MkdirAll(filepath.Join(blocked, "a folder where no file can go"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteVariant("max", contents); err == nil || runstest.Files(t, f.Join("max"))[ModelFile] != nil {
		t.Errorf("got %v and %q", err, runstest.Files(t, f.Path))
	}
	if err := os.RemoveAll(blocked); err != nil {
		t.Fatal(err)
	}
	err := f.WriteVariant("max", contents)
	if got := runstest.Files(t, f.Join("max")); err != nil || !reflect.DeepEqual(got, contents) {
		t.Errorf("got %q, %v, want %q", got, err, contents)
	}
}
