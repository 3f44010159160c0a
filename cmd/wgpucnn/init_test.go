package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/pytorch"
)

// A training with --init starts from the weights of a model, and says which model. With a tiny learning
// rate the weights stay the same.
func TestTrainInit(t *testing.T) {
	enginetest.Open(t)
	folder := filepath.Join(t.TempDir(), "run")
	line := "train --epochs 1 --batch 1500 --hidden 2 --pooling base --lr 1e-30 --init " + goldenDict + " --out " + folder
	status, out, err := call(strings.Fields(line)...)
	if status != 0 || !strings.Contains(out, "\ninit     "+cmdline.Absolute(goldenDict)+"\n") {
		t.Fatalf("status %d, %q, %q", status, out, err)
	}
	want, e := pytorch.Unmarshal(readFile(t, goldenDict))
	if e != nil {
		t.Fatal(e)
	}
	model, e := modelfile.Load(filepath.Join(folder, "base", "model.safetensors"))
	if e != nil {
		t.Fatal(e)
	}
	hash := sha256.New()
	for i, w := range want {
		hash.Write(engine.Bytes(w.Data))
		for k, v := range model.State[i].Data {
			if !(math.Abs(float64(v-w.Data[k])) < 1e-20) {
				t.Fatalf("%s: value %d is %v, want %v", w.Name, k, v, w.Data[k])
			}
		}
	}
	var config struct {
		Initial struct{ Model, SHA256 string }
		Command []string
	}
	if err := json.Unmarshal(readFile(t, filepath.Join(folder, "config.json")), &config); err != nil {
		t.Fatal(err)
	}
	if config.Initial.Model != cmdline.Absolute(goldenDict) || config.Initial.SHA256 != fmt.Sprintf("%x", hash.Sum(nil)) || !strings.Contains(strings.Join(config.Command, " "), "--init="+cmdline.Absolute(goldenDict)) {
		t.Errorf("config.json: %+v", config)
	}
	// The run's folder is its best variant.
	again := strings.ReplaceAll(line, folder, folder+"2")
	status, out, err = call(strings.Fields(strings.Replace(again, goldenDict, folder, 1))...)
	if first := filepath.Join(folder, "base", runs.ModelFile); status != 0 || !strings.Contains(out, "\ninit     "+first+"\n") {
		t.Errorf("from a run: status %d, %q, %q; want a start from %s", status, out, err, first)
	}
}

// A model with other layers than a variant is refused before anything is trained. The error names the
// first layer that differs. A state dict is taken for the one variant that is trained. If several are
// trained, the user is asked.
func TestTrainInitFits(t *testing.T) {
	enginetest.Open(t)
	model := labModel(t, "a", "b", "c")
	file, err := pytorch.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "own.pt")
	if err := os.WriteFile(own, file, 0o666); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "run")
	for line, want := range map[string]string{
		"--hidden 2 --pooling max,avg":                     "train: --init: " + cmdline.Absolute(goldenDict) + ": pytorch: the shapes do not tell the pooling: a Linear of 16 features fits base, max of pool size 2, avg of pool size 2: name one of them by --pooling",
		"--hidden 2 --pooling max":                         "the model has pool1: AdaptiveMaxPool2d(output_size=2) on (4, 8, 8): want pool1: AdaptiveMaxPool2d(output_size=1) on (4, 8, 8) for max: choose --pooling, --hidden, --pool-size",
		"--hidden 2 --init " + own:                         "the model has pool1: AdaptiveMaxPool2d(output_size=1) on (4, 8, 8): want pool1: AvgPool2d(kernel_size=4, stride=4, padding=0) on (4, 8, 8) for base: choose --pooling",
		"--init " + filepath.Dir(own):                      "train: --init: " + filepath.Dir(own) + ": a folder that is neither a run's nor a variant's: want",
		"--hidden 2 --pooling base --classes apple,forest": "want linear1: Linear(in_features=16, out_features=2, bias=True) on (16) for base",
	} {
		status, _, err := call(strings.Fields("train --quiet --init " + goldenDict + " --out " + folder + " " + line)...)
		if status != 1 || !strings.Contains(err, want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%s: status %d, %q; want 1 and a line with %q", line, status, err, want)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Fatalf("%s: the run left something", line)
		}
	}
}
