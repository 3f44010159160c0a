package main

import (
	"errors"
	"math"
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
	"wgpucnn/nn"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/report"
)

// ruleOf returns the rule of a command line, and the command that repeats it.
func ruleOf(t *testing.T, line string) (rule, []string) {
	t.Helper()
	var s settings
	flags := trainFlags(&s)
	if err := cmdline.Parse(flags, strings.Fields(line)); err != nil {
		t.Fatal(err)
	}
	if err := s.check(flags); err != nil {
		t.Fatal(err)
	}
	return s.rule, s.commandLine(flags)
}

// What the flags say is what trains, what the recipe tells, and what a run that goes on reads back.
func TestRule(t *testing.T) {
	model, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, Hidden: 2})
	if err != nil {
		t.Fatal(err)
	}
	biases := []optim.Group{{Params: []string{"conv1.bias", "conv2.bias", "linear1.bias"}}}
	filters := []string{"conv1.weight", "conv2.weight"}
	for line, want := range map[string]struct {
		optimiser optim.Optimiser // without its schedule
		rate      float64         // of the last of 8 epochs of 3 steps
		recipe    report.Recipe
	}{
		"": {optim.SGD{LR: 5e-3, Momentum: 0.9}, 5e-3, report.Recipe{LR: 5e-3, Momentum: 0.9}},
		"--nesterov --lr 1 --weight-decay 0.25": {
			optim.SGD{LR: 1, Momentum: 0.9, Nesterov: true, WeightDecay: 0.25, Groups: biases}, 1,
			report.Recipe{LR: 1, Momentum: 0.9, Nesterov: true, WeightDecay: 0.25},
		},
		"--optimizer adamw --lr 1 --weight-decay 0.25 --schedule steps --step-epochs 3 --gamma 0.5": {
			optim.AdamW{LR: 1, WeightDecay: 0.25, Groups: biases}, 0.25,
			report.Recipe{Optimizer: "adamw", LR: 1, WeightDecay: 0.25, Schedule: "steps", StepEpochs: 3, Gamma: 0.5},
		},
		"--optimizer adamw --lr 1 --schedule onecycle": {
			optim.AdamW{LR: 1}, 1 / 25e4, report.Recipe{Optimizer: "adamw", LR: 1, Schedule: "onecycle"},
		},
		"--optimizer muon --lr 1 --muon-momentum 0.5 --sgd-lr 0.25 --nesterov --weight-decay 0.125 --decay-biases --clip-norm 2 --schedule cosine --warmup-share 0.1": {
			optim.Muon{LR: 1, Momentum: 0.5, Params: filters, Rest: optim.SGD{LR: 0.25, Momentum: 0.9, Nesterov: true, WeightDecay: 0.125}}, 0.25 * 0.0013215416497138754,
			report.Recipe{Optimizer: "muon", LR: 1, MuonMomentum: 0.5, SGDLR: 0.25, Momentum: 0.9, Nesterov: true, WeightDecay: 0.125, DecayBiases: true, ClipNorm: 2, Schedule: "cosine", WarmupShare: 0.1},
		},
		"--optimizer muon --lr 1 --weight-decay 0.125": {
			optim.Muon{LR: 1, Momentum: 0.6, Params: filters, Rest: optim.SGD{LR: 1, Momentum: 0.9, WeightDecay: 0.125, Groups: biases}}, 1,
			report.Recipe{Optimizer: "muon", LR: 1, MuonMomentum: 0.6, SGDLR: 1, Momentum: 0.9, WeightDecay: 0.125},
		},
		"--lr 1 --schedule cosine --warmup 2": {
			optim.SGD{LR: 1, Momentum: 0.9}, 0.007596123493895991, report.Recipe{LR: 1, Momentum: 0.9, Schedule: "cosine", Warmup: 2},
		},
	} {
		u, command := ruleOf(t, "--epochs 8 "+line)
		got, err := u.optimiser(model, 8, 3)
		if err != nil {
			t.Fatal(err)
		}
		if rate := got.Rates(8*3-1, 0)[0]; max(rate/want.rate, want.rate/rate) > 1+1e-9 {
			t.Errorf("%q: a learning rate of %v at last, want %v", line, rate, want.rate)
		}
		switch o := got.(type) {
		case optim.SGD:
			o.Schedule = nil
			got = o
		case optim.AdamW:
			o.Schedule = nil
			got = o
		case optim.Muon:
			o.Schedule, o.Rest.Schedule = nil, nil
			got = o
		}
		if !reflect.DeepEqual(got, want.optimiser) {
			t.Errorf("%q: got %+v, want %+v", line, got, want.optimiser)
		}
		var recipe report.Recipe
		if u.describe(&recipe); recipe != want.recipe {
			t.Errorf("%q: recipe %+v, want %+v", line, recipe, want.recipe)
		}
		again, same := ruleOf(t, strings.Join(command[2:], " "))
		if again.momentum = u.momentum; again != u || !slices.Equal(same, command) {
			t.Errorf("%q: %q reads as %+v, want %+v", line, command, again, u)
		}
	}
	// Earlier versions go on with runs that name no flag that they do not know.
	_, command := ruleOf(t, "")
	for _, word := range command {
		for _, flag := range append(unknownBefore, "muon-momentum", "sgd-lr", "warmup", "step-epochs", "gamma") {
			if strings.HasPrefix(word, "--"+flag+"=") {
				t.Errorf("the command of the lab has %s", word)
			}
		}
	}
}

// A run with a schedule and changing pictures that breaks off and goes on leaves the files of one that never
// stopped. More epochs spread the schedule anew, and the program says so.
func TestResumeSchedule(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	whole, broken := filepath.Join(folder, "whole"), filepath.Join(folder, "broken")
	line := "train --epochs 12 --batch 500 --hidden 2 --pooling max,avg --tiling default --checkpoint-every 1 --quiet " +
		"--optimizer adamw --weight-decay 0.1 --schedule cosine --warmup 3 --flip alternating --shift 4 --cutout 8 --out "
	log := filepath.Join(folder, "log.jsonl")
	mustCall(t, strings.Fields(line+whole+" --log "+log)...)
	if lines, _ := readLog(t, log); math.Abs(lines[1].LR-0.005*3/10) > 1e-9 { // an epoch has three steps
		t.Errorf("the first epoch ends at a learning rate of %v", lines[1].LR)
	}

	writes := 0
	runs.WriteCheckpoint = func(path string, data []byte) error {
		if writes++; writes > 1 {
			return errors.New("the disk is full")
		}
		return durable.Write(path, data)
	}
	defer func() { runs.WriteCheckpoint = durable.Write }()
	if status, _, _ := call(strings.Fields(line + broken)...); status != 1 {
		t.Fatalf("status %d on a full disk", status)
	}
	runs.WriteCheckpoint = durable.Write
	if done := len(checkpointOf(t, broken, "max").Epochs); done < 1 || done >= 12 {
		t.Fatalf("%d epochs before the disk was full", done)
	}
	mustCall(t, "train", "--quiet", "--resume", broken)
	sameRun(t, broken, whole)

	if config := string(runstest.Files(t, whole)[runs.ConfigFile]); strings.Contains(config, "momentum=") {
		t.Errorf("AdamW has a momentum: %s", config)
	}
	status, _, stderr := call("train", "--quiet", "--resume", whole, "--epochs", "14")
	if want := "--epochs 14: the schedule cosine now spreads over 14 epochs; the finished epochs followed the one of 12\n"; status != 0 || !strings.Contains(stderr, want) {
		t.Errorf("status %d, %q, want a line with %q", status, stderr, want)
	}
	if text, err := os.ReadFile(filepath.Join(whole, "summary.md")); err != nil || !strings.Contains(string(text), "recipe: 14 epochs, batch 500, AdamW lr 0.005 weight decay 0.1, schedule cosine, warm-up epochs 3, flip alternating, shift 4, cutout 8, hidden 2") {
		t.Errorf("%v: %s", err, text)
	}
}

// A run by Muon with clipped gradients goes on with its rule. Its files say what the rule was.
func TestResumeMuon(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	whole, parts := filepath.Join(folder, "whole"), filepath.Join(folder, "parts")
	line := "train --batch 500 --hidden 2 --pooling max,avg --tiling default --quiet --optimizer muon --lr 0.1 --sgd-lr 0.05 --nesterov " +
		"--weight-decay 0.0005 --decay-biases --clip-norm 0.5 --epochs "
	mustCall(t, strings.Fields(line+"3 --out "+whole)...)
	mustCall(t, strings.Fields(line+"2 --out "+parts)...)
	mustCall(t, "train", "--quiet", "--resume", parts, "--epochs", "3")
	sameRun(t, parts, whole)
	want := "Muon lr 0.1 momentum 0.6, SGD lr 0.05 momentum 0.9 (Nesterov) weight decay 0.0005 of biases too, gradients clipped at norm 0.5"
	if text, err := os.ReadFile(filepath.Join(whole, "summary.md")); err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%v: %s", err, text)
	}
}

// Networks that Muon cannot train are refused before anything is trained.
func TestMuonNets(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	for net, want := range map[string]string{
		"pool max 8":                 "--optimizer muon: net2 has no convolution: want sgd or adamw\n",
		"conv 800 1x1, conv 800 1x1": "--optimizer muon: layout: Muon: conv2.weight is a matrix of 800 x 800: want 768 rows or columns at most",
	} {
		status, _, said := call("train", "--quiet", "--epochs", "1", "--optimizer", "muon", "--out", "run", "--net", "conv 2 5x5 stride 4, relu", "--net", net)
		if status == 0 || !strings.Contains(said, want) {
			t.Errorf("%s: status %d, %q, want %q", net, status, said, want)
		}
		if _, err := os.Stat("run"); err == nil {
			t.Errorf("%s: the run has begun", net)
		}
	}
}
