package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/stats"
)

// A training with --patience and --keep best ends where no epoch gets better, and leaves the weights
// that a training of exactly the best epoch's number leaves, to the last bit. Broken off and resumed
// it leaves the same files.
func TestKeepBest(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	line := "train --batch 400 --hidden 2 --pooling max,avg --lr 0.1 --validation 0.1 --tiling default --quiet "
	long := line + "--epochs 1000 --patience 4 --keep best --checkpoint-every 1 --out "
	mustCall(t, strings.Fields(long+in("whole"))...)
	for _, name := range []string{"max", "avg"} {
		c := checkpointOf(t, in("whole"), name)
		best := stats.Best(c.Epochs)
		if len(c.Epochs) != best+4 || c.BestEpoch != best {
			t.Fatalf("%s: %d epochs, the best %d, kept %d; want 4 epochs after the best, and that kept", name, len(c.Epochs), best, c.BestEpoch)
		}
		exact := in("exact-" + name)
		mustCall(t, strings.Fields(fmt.Sprintf("%s --pooling %s --epochs %d --out %s", strings.Replace(line, "--pooling max,avg", "", 1), name, best, exact))...)
		got, err := modelfile.Load(filepath.Join(in("whole"), name, runs.ModelFile))
		if err != nil {
			t.Fatal(err)
		}
		want, err := modelfile.Load(filepath.Join(exact, name, runs.ModelFile))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.State, want.State) {
			t.Errorf("%s: the weights are not those of epoch %d", name, best)
		}
		files := runstest.Files(t, in("whole"))
		for file, text := range map[string]string{
			name + "/metrics.csv": fmt.Sprintf("\n%d,", best), "summary.json": fmt.Sprintf(`"kept_epoch": %d`, best),
			"summary.md": fmt.Sprintf(" %d of %d |", best, best+4), runs.PageFile: fmt.Sprintf("%d of %d", best, best+4),
		} {
			if !bytes.Contains(files[file], []byte(text)) {
				t.Errorf("%s lacks %q", file, text)
			}
		}
		for i, row := range strings.Split(strings.TrimSpace(string(files[name+"/metrics.csv"])), "\n")[1:] {
			if strings.HasSuffix(row, ",1") != (i+1 == best) {
				t.Errorf("%s: row of epoch %d: %s; want the mark at epoch %d", name, i+1, row, best)
			}
		}
		_, out, _ := call("summary", filepath.Join(in("whole"), name, runs.ModelFile))
		if want := fmt.Sprintf("%d of 1,000 epochs, batch 400, SGD lr 0.1 momentum 0.9, patience 4, keep best, seed 0, validation 0.1, weights of epoch %d\n", best+4, best); !strings.Contains(out, want) {
			t.Errorf("summary lacks %q:\n%s", want, out)
		}
	}

	writes := 0
	runs.WriteCheckpoint = func(path string, data []byte) error {
		if writes++; writes > 3 {
			return errors.New("the disk is full")
		}
		return durable.Write(path, data)
	}
	defer func() { runs.WriteCheckpoint = durable.Write }()
	if status, _, _ := call(strings.Fields(long + in("broken"))...); status != 1 {
		t.Fatalf("status %d on a full disk", status)
	}
	runs.WriteCheckpoint = durable.Write
	if done := len(checkpointOf(t, in("broken"), "max").Epochs); done != 3 {
		t.Fatalf("%d epochs before the disk was full", done)
	}
	mustCall(t, "train", "--quiet", "--resume", in("broken"))
	sameRun(t, in("broken"), in("whole"))
	if status, out, err := call("train", "--resume", in("whole")); status != 0 || !strings.Contains(out, "is complete") {
		t.Errorf("resuming what has ended: status %d, %q, %q", status, out, err)
	}
}

// Without held-out rows the test rows end a training, and the choice says what that does.
func TestPatienceByTest(t *testing.T) {
	enginetest.Open(t)
	out := mustCall(t, strings.Fields("train --epochs 1000 --patience 1 --batch 500 --hidden 2 --pooling max --lr 0.1 --out "+filepath.Join(t.TempDir(), "run"))...)
	for _, want := range []string{"none of the last 1 is better than epoch", "the only one; it stopped by test accuracy, which makes that an optimistic estimate"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}
