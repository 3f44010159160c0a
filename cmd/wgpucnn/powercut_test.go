package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/durable/durabletest"
	"wgpucnn/nn/modelfile"
)

// After a power cut at any moment of a run, every file is the old one or the new one, and no checkpoint
// that was saved is lost. Then the run goes on, and leaves the files of a run that never stopped.
func TestTrainPowerCut(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	train := strings.Fields("train --quiet --checkpoint-every 1 --batch 500 --hidden 2 --pooling max --tiling default --out")
	goOn := strings.Fields("train --quiet --checkpoint-every 1 --resume")
	run, whole := filepath.Join(folder, "run"), filepath.Join(t.TempDir(), "whole")
	for _, c := range []struct {
		name   string
		args   []string
		saved  int // epochs before
		epochs string
	}{{"a new run", train, 0, "2"}, {"a run that goes on", goOn, 2, "3"}} {
		t.Run(c.name, func(t *testing.T) {
			before := runstest.Files(t, folder)
			recording := durabletest.Record(t, folder, func() { mustCall(t, append(c.args, run, "--epochs", c.epochs)...) })
			want := filepath.Join(whole, c.epochs)
			mustCall(t, append(train, want, "--epochs", c.epochs)...)
			sameRun(t, run, want)
			after := runstest.Files(t, folder)
			saved := savedEpochs(recording.Changes(), c.saved)
			resumed := map[string]bool{}
			for _, cut := range recording.Cuts() {
				left := filepath.Join(cut.Lay(t), "run")
				at := fmt.Sprintf("after %d changes, %s", len(cut.Done), cut.How)
				checkOldOrNew(t, at, left, before, after)
				f := runs.Folder{Path: left}
				var warnings strings.Builder
				epochs := 0
				if checkpoint, err := f.LoadCheckpoint("max", &warnings); err != nil {
					t.Errorf("%s: %v", at, err)
				} else if checkpoint != nil {
					epochs = len(checkpoint.Epochs)
				}
				if want := saved[len(cut.Done)]; epochs < want {
					t.Errorf("%s: the checkpoint has %d epochs, want %d", at, epochs, want)
				}
				kind := fmt.Sprint(epochs, warnings.Len() > 0, state(left, after))
				if resumed[kind] || t.Failed() {
					continue
				}
				resumed[kind] = true
				args := append(goOn, left)
				if _, err := os.Stat(filepath.Join(left, runs.ConfigFile)); err != nil {
					args = append(train, left)
				}
				mustCall(t, append(args, "--epochs", c.epochs)...)
				sameRun(t, left, want)
			}
			t.Logf("%d changes, %d different cuts, %d of them resumed", len(recording.Changes()), len(recording.Cuts()), len(resumed))
		})
	}
}

// savedEpochs returns how many epochs are safe after each of some changes: those of the newest checkpoint
// whose name was synced. before is the number at the beginning.
func savedEpochs(changes []string, before int) []int {
	all, named := []int{before}, before
	for _, c := range changes {
		safe := all[len(all)-1]
		switch {
		case strings.HasPrefix(c, "rename ") && strings.HasSuffix(c, filepath.Join("max", runs.CheckpointFile)):
			named++
		case c == "sync folder "+filepath.Join("run", "max"):
			safe = named
		}
		all = append(all, safe)
	}
	return all
}

// checkOldOrNew fails unless each file that is left of a run is whole: a checkpoint that can be read, or
// the file of before, or that of afterwards. Unfinished files do not count.
func checkOldOrNew(t *testing.T, at, left string, before, after map[string][]byte) {
	t.Helper()
	if _, err := os.Stat(left); err != nil {
		return // the folder is lost too
	}
	for name, data := range runstest.Files(t, left) {
		base, path := filepath.Base(name), filepath.Join("run", name)
		switch {
		case durable.IsTemporary(base):
		case base == runs.CheckpointFile || base == runs.PreviousFile:
			if _, err := modelfile.UnmarshalCheckpoint(data); err != nil {
				t.Errorf("%s: %s: %v", at, name, err)
			}
		case !bytes.Equal(data, before[path]) && !bytes.Equal(data, after[path]):
			t.Errorf("%s: %s has %d bytes: it is neither the old nor the new file", at, name, len(data))
		}
	}
}

// state tells which files are left of a run, and which of them are those of afterwards. The unfinished ones
// and the checkpoints do not count.
func state(left string, after map[string][]byte) (files []string) {
	for _, name := range []string{runs.ConfigFile, "max/" + runs.ModelFile, runs.BestName, runs.SummaryFile, runs.PageFile} {
		if _, err := os.Lstat(filepath.Join(left, name)); err != nil {
			continue
		}
		data, _ := os.ReadFile(filepath.Join(left, name)) // best is a link to a folder
		files = append(files, fmt.Sprint(name, bytes.Equal(data, after[filepath.Join("run", name)])))
	}
	return files
}
