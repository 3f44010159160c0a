package runs

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/nn"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/stats"
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
	if err := os.MkdirAll(f.Join("max", PreviousFile, "a folder where no file can go"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := save("four"); err != nil {
		t.Error(err)
	}
	check("four", "")
}

// After a damaged checkpoint the one before is the newest. It stays until the next one is whole.
func TestLoadCheckpoint(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	network, err := nn.NewSequential(nn.Shape{1, 1, 1}, nn.Normalize{Mean: []float32{0}, Std: []float32{1}}, nn.Flatten{}, nn.Linear{In: 1, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	after := func(epochs int) []byte {
		c := modelfile.Checkpoint{Model: modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b"}}, Epochs: make([]stats.Epoch, epochs)}
		file, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	damaged := after(3)
	damaged[len(damaged)-1] ^= 1 // the last weight
	if err := errors.Join(f.SaveCheckpoint("max", after(2)), f.SaveCheckpoint("max", damaged)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"wgpucnn: max: going on from the checkpoint before, of 2 epochs: " + f.Join("max", CheckpointFile) + ": modelfile: the file does not have the checksum", ""} {
		var warnings strings.Builder
		c, err := f.LoadCheckpoint("max", &warnings)
		if err != nil || len(c.Epochs) != 2 || !strings.HasPrefix(warnings.String(), want) || want == "" && warnings.Len() > 0 {
			t.Fatalf("got %+v, %v and %q, want %q", c, err, warnings.String(), want)
		}
	}
	WriteCheckpoint = func(string, []byte) error { panic("killed") }
	defer func() { WriteCheckpoint = durable.Write }()
	func() {
		defer func() { recover() }()
		f.SaveCheckpoint("max", after(4))
	}()
	if c, err := f.LoadCheckpoint("max", io.Discard); err != nil || len(c.Epochs) != 2 {
		t.Errorf("killed while it saved: got %+v, %v", c, err)
	}
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
