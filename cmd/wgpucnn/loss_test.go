package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/report"
)

// What the flags say is what trains, what the recipe tells, and what a run that goes on reads back.
func TestLossFlags(t *testing.T) {
	data := &dataset.Dataset{Classes: []string{"cat", "dog", "emu"}, Train: dataset.Images{Labels: []uint32{0, 1, 1, 2, 1, 0}}}
	for line, want := range map[string]struct {
		loss   layout.Loss
		recipe report.Recipe
	}{
		"":                                  {},
		"--label-smoothing 0.1 --mixup 0.4": {layout.Loss{LabelSmoothing: 0.1, Mixup: 0.4}, report.Recipe{LabelSmoothing: 0.1, Mixup: 0.4}},
		"--class-weights balanced":          {layout.Loss{ClassWeights: []float64{1, 2.0 / 3, 2}}, report.Recipe{ClassWeights: "balanced"}},
		"--class-weights 0.5,1,2":           {layout.Loss{ClassWeights: []float64{0.5, 1, 2}}, report.Recipe{ClassWeights: "0.5,1,2"}},
	} {
		var s, again settings
		flags := trainFlags(&s)
		if err := cmdline.Parse(flags, strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		if err := s.check(flags); err != nil {
			t.Fatal(err)
		}
		if got, err := s.lossSettings.of(data); err != nil || !reflect.DeepEqual(got, want.loss) {
			t.Errorf("%q: got %+v, %v, want %+v", line, got, err, want.loss)
		}
		var recipe report.Recipe
		if s.lossSettings.describe(&recipe); recipe != want.recipe {
			t.Errorf("%q: recipe %+v, want %+v", line, recipe, want.recipe)
		}
		command := s.commandLine(flags)
		if err := cmdline.Parse(trainFlags(&again), command[2:]); err != nil || again.lossSettings != s.lossSettings {
			t.Errorf("%q: %q reads as %+v, %v", line, command, again.lossSettings, err)
		}
		named := slices.ContainsFunc(command, func(word string) bool {
			return strings.HasPrefix(word, "--label-smoothing") || strings.HasPrefix(word, "--class-weights") || strings.HasPrefix(word, "--mixup")
		})
		if named != (line != "") {
			t.Errorf("%q: the command is %q", line, command)
		}
	}
}

// Weights that do not fit the classes give one line that names the flag.
func TestClassWeightErrors(t *testing.T) {
	data := &dataset.Dataset{Classes: []string{"cat", "dog"}, Train: dataset.Images{Labels: []uint32{1, 1}}}
	for weights, want := range map[string]string{
		"1,2,3":    "train: --class-weights 1,2,3: there are 3 numbers: want one for each of the 2 classes cat,dog",
		"balanced": "train: --class-weights balanced: there are no training rows of cat: leave that class out, or give the weights as numbers",
	} {
		if _, err := (lossSettings{classWeights: weights}).of(data); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", weights, err, want)
		}
	}
	enginetest.Open(t)
	status, _, stderr := call("train", "--class-weights", "1,2", "--quiet", "--out", filepath.Join(t.TempDir(), "run"))
	if want := "--class-weights 1,2: there are 2 numbers: want one for each of the 3 classes apple,forest,palm_tree"; status != exitUsage || !strings.Contains(stderr, want) {
		t.Errorf("status %d, %q, want %q", status, stderr, want)
	}
}

// A run with another loss that goes on for more epochs leaves the files of one that never stopped.
func TestResumeLoss(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	whole, parts := filepath.Join(folder, "whole"), filepath.Join(folder, "parts")
	line := "train --batch 500 --hidden 2 --pooling max,avg --tiling default --quiet --label-smoothing 0.1 --class-weights balanced --mixup 0.4 --validation 0.1 --epochs "
	mustCall(t, strings.Fields(line+"4 --out "+whole)...)
	mustCall(t, strings.Fields(line+"3 --out "+parts)...)
	mustCall(t, "train", "--quiet", "--resume", parts, "--epochs", "4")
	sameRun(t, parts, whole)
	if config := string(runstest.Files(t, whole)[runs.ConfigFile]); !strings.Contains(config, `"label_smoothing": 0.1`) || !strings.Contains(config, `"class_weights": "balanced"`) || !strings.Contains(config, `"mixup": 0.4`) {
		t.Errorf("config.json lacks the loss: %s", config)
	}
	if text, err := os.ReadFile(filepath.Join(whole, "summary.md")); err != nil || !strings.Contains(string(text), "momentum 0.9, label smoothing 0.1, class weights balanced, mixup 0.4, hidden 2") {
		t.Errorf("%v: %s", err, text)
	}
}
