package main

import (
	bin "encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine/enginetest"
)

// writeData writes a folder in CIFAR-100's layout, as pickles of protocol 2. Each class has so many rows
// for training and the same for testing. Its name and seed make the pictures.
func writeData(t *testing.T, folder string, rows, seed int, names ...string) {
	t.Helper()
	text := func(s string) string {
		return "T" + string(bin.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
	}
	number := func(n int) string { return "J" + string(bin.LittleEndian.AppendUint32(nil, uint32(n))) }
	var meta, labels, pixels strings.Builder
	for _, name := range names {
		meta.WriteString(text(name))
	}
	order := slices.Sorted(slices.Values(names)) // the same for any order of the ids
	for row := range rows * len(names) {
		name := order[row%len(names)]
		labels.WriteString(number(slices.Index(names, name)))
		for i := range 3072 {
			pixels.WriteByte(byte(int(name[0])*(1+i/1024) + row/len(names)*7%31 + i%13 + seed))
		}
	}
	set := "\x80\x02}(" + text("data") + "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n" + number(0) + "\x85U\x01b\x87R(" +
		number(1) + number(rows*len(names)) + number(3072) + "\x86cnumpy\ndtype\n" + text("u1") + number(0) + number(1) + "\x87R(" +
		number(3) + "U\x01|NNN" + number(-1) + number(-1) + number(0) + "tb\x89" + text(pixels.String()) + "tb" +
		text("fine_labels") + "](" + labels.String() + "eu."
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"train": set, "test": set, "meta": "\x80\x02}(" + text("fine_label_names") + "](" + meta.String() + "eu.",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// mustCall runs a command line that must succeed, and returns what it printed.
func mustCall(t *testing.T, args ...string) string {
	t.Helper()
	status, out, err := call(args...)
	if status != 0 {
		t.Fatalf("%v: status %d, %q", args, status, err)
	}
	return out
}

// A run goes on from any current folder, and with pictures that were moved.
func TestResumeMoved(t *testing.T) {
	enginetest.Open(t)
	work := t.TempDir()
	t.Chdir(work)
	writeData(t, "here/data", 20, 0, "bird", "frog", "ship")
	line := strings.Fields("train --quiet --hidden 2 --batch 30 --pooling max,avg --data here/data --epochs")
	mustCall(t, append(line, "2", "--out", "whole")...)
	mustCall(t, append(line, "1", "--out", "run")...)
	again := []string{"train", "--quiet", "--resume", filepath.Join(work, "run"), "--epochs"}

	t.Chdir(t.TempDir())
	mustCall(t, append(again, "2")...)
	sameRun(t, filepath.Join(work, "run"), filepath.Join(work, "whole"))

	if err := os.Rename(filepath.Join(work, "here"), filepath.Join(work, "there")); err != nil {
		t.Fatal(err)
	}
	lost := filepath.Join(work, "here", "data")
	if status, _, err := call(append(again, "3")...); status != 1 || !strings.Contains(err, lost) || !strings.Contains(err, "say where by --data") || strings.Count(err, "\n") != 1 {
		t.Errorf("status %d, %q", status, err)
	}
	t.Chdir(work)
	writeData(t, "more", 20, 0, "ship", "tree", "frog", "bird")
	writeData(t, "other", 20, 1, "bird", "frog", "ship")
	writeData(t, "less", 20, 0, "bird", "frog")
	for _, folder := range []string{"other", "less"} {
		if status, _, err := call(append(again, "3", "--data", folder)...); status != 1 || !strings.Contains(err, folder) || strings.Count(err, "\n") != 1 {
			t.Errorf("%s: status %d, %q", folder, status, err)
		}
	}
	epochs := 2
	for _, folder := range []string{"there/data", "more"} {
		mustCall(t, append(again, fmt.Sprint(epochs), "--data", folder)...) // a complete run takes the new place too
		epochs++
		t.Chdir(t.TempDir())
		mustCall(t, append(again, fmt.Sprint(epochs))...)
		t.Chdir(work)
		c, err := runs.ReadConfig("run")
		if want := "--data=" + filepath.Join(work, folder); err != nil || !slices.Contains(c.Command, want) || c.Recipe.Epochs != epochs {
			t.Errorf("%v, %q, want %s", err, c.Command, want)
		}
	}
}

// The model that a run began with may lie elsewhere too.
func TestResumeInitMoved(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	base := []string{"train", "--quiet", "--hidden", "2", "--batch", "500", "--pooling", "max", "--epochs"}
	mustCall(t, append(base, "1", "--out", "first")...)
	if err := os.CopyFS("model", os.DirFS("first/max")); err != nil {
		t.Fatal(err)
	}
	mustCall(t, append(base, "1", "--init", "model/model.safetensors", "--out", "run")...)
	if err := os.Rename("model", "moved"); err != nil {
		t.Fatal(err)
	}
	mustCall(t, append(base, "1", "--seed", "1", "--out", "other")...)
	again := []string{"train", "--quiet", "--epochs", "2", "--resume"}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"run"}, 1, "no such file or directory: if that was moved, say where by --init"},
		{[]string{"run", "--init", "other/max/model.safetensors"}, 1, "the weights are not those that the run began with"},
		{[]string{"first", "--init", "moved/model.safetensors"}, 2, "--resume and --init: the run began with random weights"},
		{[]string{"run", "--init", "moved/model.safetensors"}, 0, ""},
	} {
		if status, _, err := call(append(again, c.args...)...); status != c.status || !strings.Contains(err, c.want) {
			t.Errorf("%v: status %d, %q; want %d, %q", c.args, status, err, c.status, c.want)
		}
	}
	if c, err := runs.ReadConfig("run"); err != nil || !strings.HasSuffix(c.Initial.Model, filepath.Join("moved", "model.safetensors")) {
		t.Errorf("%+v, %v", c.Initial, err)
	}
}
