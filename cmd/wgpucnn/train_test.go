package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report/page"
	"wgpucnn/nn/stats"
)

// A run writes all its files and shows what they say. The same command gives the same weights and
// figures, to the last bit.
func TestTrain(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	quick := "train --epochs 2 --batch 500 --hidden 4 --seed 3 --pool-size 2 --validation 0.1 --opset 13 --out " + folder
	status, out, progress := call(strings.Fields(quick + "/one")...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, progress)
	}
	for _, want := range []string{
		"adapter  ", "data     builtin, 1,350 train + 150 validation + 300 test: apple 450+50+100, forest",
		"recipe   2 epochs of 3 steps, batch 500, SGD lr 0.005 momentum 0.9, seed 3", "pool1: AdaptiveMaxPool2d", "weighted avg", "chosen by validation accuracy",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if strings.Count(progress, "epoch 2/2") != 4 {
		t.Errorf("progress %q", progress)
	}
	one := runstest.Files(t, filepath.Join(folder, "one"))
	var summary struct {
		Best     string
		Variants []struct{ Pooling string }
	}
	if err := json.Unmarshal(one["summary.json"], &summary); err != nil || len(summary.Variants) != 4 {
		t.Fatalf("summary.json: %v, %+v", err, summary)
	}
	if link, err := os.Readlink(filepath.Join(folder, "one", "best")); runtime.GOOS != "windows" && (err != nil || link != summary.Best) {
		t.Errorf("best is %s, %v, want %s", link, err, summary.Best)
	}
	if len(one) != 4+4*8 || len(one["config.json"]) == 0 || len(one["summary.md"]) == 0 {
		t.Errorf("%d files, want config.json, summary.json, summary.md, report.html and 8 of each variant", len(one))
	}
	if _, _, err := call(strings.Fields(quick + "/two --quiet")...); err != "" {
		t.Errorf("--quiet wrote %q", err)
	}
	two := runstest.Files(t, filepath.Join(folder, "two"))
	for _, pooling := range []string{"base", "stride", "max", "avg"} {
		for _, name := range []string{"metrics.csv", "model.safetensors", "model.onnx", "report.txt", "curves.png", "evaluation.json"} {
			name = pooling + "/" + name
			if len(one[name]) == 0 || !bytes.Equal(one[name], two[name]) {
				t.Errorf("%s: %d bytes in one run, %d in another, want the same", name, len(one[name]), len(two[name]))
			}
		}
		var evaluation page.Evaluation
		if err := json.Unmarshal(one[pooling+"/evaluation.json"], &evaluation); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{1350, 150, 300} {
			if set := evaluation.Sets[i]; len(set.Labels) != want || len(set.Predicted) != want {
				t.Errorf("%s: %d labels and %d predictions of %s rows, want %d", pooling, len(set.Labels), len(set.Predicted), set.Name, want)
			}
		}
		if lines := strings.Count(string(one[pooling+"/metrics.csv"]), "\n"); lines != 3 {
			t.Errorf("%s/metrics.csv has %d lines, want 3", pooling, lines)
		}
	}
	if status, _, err := call(strings.Fields(quick + "/two")...); status != 1 || !strings.Contains(err, "already holds") {
		t.Errorf("into a folder with a run: status %d, %q", status, err)
	}
}

// cancelAt cancels a context, or does something else, when a text is written to it.
type cancelAt struct {
	text   string
	cancel func()
}

func (c cancelAt) Write(data []byte) (int, error) {
	if bytes.Contains(data, []byte(c.text)) {
		c.cancel()
	}
	return len(data), nil
}

// A run that is stopped keeps what its finished epochs produced, and says where.
func TestTrainStopped(t *testing.T) {
	enginetest.Open(t)
	folder := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	var stderr bytes.Buffer
	line := "train --epochs 1000000 --batch 1500 --hidden 1 --pooling avg,base --checkpoint-every 0 --out " + folder
	status := execute(ctx, strings.Fields(line), streams{io.Discard, io.MultiWriter(&stderr, cancelAt{"steps/s", cancel})})
	if status != 130 || !strings.Contains(stderr.String(), "wgpucnn: avg: stopped after ") ||
		!strings.Contains(stderr.String(), "of 1000000 epochs; what finished is in "+folder) {
		t.Errorf("status %d, %q", status, stderr.String())
	}
	epochs := len(checkpointOf(t, folder, "avg").Epochs)
	if want := fmt.Sprintf("stopped after %d of", epochs); !strings.Contains(stderr.String(), want) {
		t.Errorf("the checkpoint is of %d epochs: %q", epochs, stderr.String())
	}
	all := runstest.Files(t, folder)
	if len(all) != 4+7 || len(all["avg/model.safetensors"]) == 0 || !bytes.Contains(all["summary.json"], []byte(`"best": "avg"`)) {
		t.Errorf("it left %d files; summary.json: %s", len(all), all["summary.json"])
	}
}

// A run that is stopped before an epoch is done leaves no folder.
func TestTrainStoppedAtOnce(t *testing.T) {
	enginetest.Open(t)
	folder := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	status := execute(ctx, []string{"train", "--out", folder}, streams{cancelAt{"base", cancel}, io.Discard})
	if status != 130 {
		t.Errorf("status %d", status)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
}

// Weights that the last step left as no numbers are a failure, although every loss was a number.
func TestLastStep(t *testing.T) {
	c := &modelfile.Checkpoint{Epochs: make([]stats.Epoch, 3), Model: modelfile.Model{State: nn.StateDict{{Name: "w", Data: []float32{1, 2}}}}}
	if err := lastStep(c); err != nil {
		t.Error(err)
	}
	c.Model.State[0].Data[1] = float32(math.Inf(1))
	if err := lastStep(c); !errors.Is(err, nn.ErrDiverged) || !strings.Contains(err.Error(), "epoch 3: the weights are no numbers") {
		t.Errorf("got %v", err)
	}
}

// A training that diverges is a failure. The run keeps what it has.
func TestTrainDiverges(t *testing.T) {
	enginetest.Open(t)
	folder := filepath.Join(t.TempDir(), "run")
	status, _, err := call("train", "--epochs", "50", "--batch", "500", "--hidden", "2", "--pooling", "max", "--lr", "1e30", "--out", folder)
	if status != 1 || !strings.Contains(err, "training diverged: lower the learning rate; what finished is in") {
		t.Errorf("status %d, %q", status, err)
	}
	all := runstest.Files(t, folder)
	if len(all) != 4+4 || !json.Valid(all["summary.json"]) {
		t.Errorf("it left %d files; summary.json: %s", len(all), all["summary.json"])
	}
	for path := range all {
		if name := filepath.Base(path); name == runs.ModelFile || name == runs.ONNXFile {
			t.Errorf("it left weights that are no numbers in %s", path)
		}
	}
}
