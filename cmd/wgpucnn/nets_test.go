package main

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

// Networks by name and by text are compared in one run, which keeps their texts. Resumed, it ends with
// the files of a run that never stopped. A model of it is a start for another run.
func TestNets(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	const text = "conv 4 4x4 stride 4, bn, silu, residual (conv 4, relu), global max"
	line := []string{"train", "--quiet", "--batch", "500", "--net", "avg", "--hidden", "2", "--net", "tiny: " + text, "--net", text + ", linear 3", "--epochs"}
	mustCall(t, append(line, "2", "--out", "whole")...)
	mustCall(t, append(line, "1", "--out", "part")...)
	mustCall(t, "train", "--resume", "part", "--epochs", "2", "--quiet")
	summary, err := runs.ReadSummary("part")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range summary.Variants {
		names = append(names, v.Name+" in "+v.Folder)
	}
	if want := []string{"avg in avg", "tiny in tiny", "net1 in net1"}; !reflect.DeepEqual(names, want) {
		t.Errorf("the variants are %q, want %q", names, want)
	}
	config, err := runs.ReadConfig("part")
	want := []report.Net{{Name: "avg", Text: "conv 2 5x5 stride 4, relu, conv 4, relu, global avg, linear"}, {Name: "tiny", Text: text + ", linear"}, {Name: "net1", Text: text + ", linear 3"}}
	if err != nil || !reflect.DeepEqual(config.Nets, want) {
		t.Errorf("config.json has %v, %v, want %v", config.Nets, err, want)
	}
	whole := runstest.Files(t, "whole")
	for name, data := range runstest.Files(t, "part") {
		if strings.HasSuffix(name, runs.ModelFile) && !bytes.Equal(data, whole[name]) {
			t.Errorf("%s differs after --resume", name)
		}
	}
	if !bytes.Equal(whole["tiny/"+runs.MetricsFile], whole["net1/"+runs.MetricsFile]) {
		t.Error("the name of a network changes its training")
	}
	for file, text := range map[string]string{"summary.md": "- network tiny: " + text + ", linear\n", runs.PageFile: "tiny: " + text} {
		if !strings.Contains(string(whole[file]), text) {
			t.Errorf("%s lacks %q", file, text)
		}
	}
	if out := mustCall(t, "summary", "whole/tiny"); !strings.Contains(out, "\nrecipe   net tiny; 2 epochs, ") {
		t.Errorf("got\n%s", out)
	}
	mustCall(t, "train", "--quiet", "--epochs", "1", "--init", "whole/tiny", "--net", text, "--out", "again")
	status, _, said := call("train", "--epochs", "1", "--init", "whole/tiny", "--net", "relu", "--out", "other")
	if status != 1 || !strings.Contains(said, "want linear1: Linear") && !strings.Contains(said, "want relu1: ReLU() on (3, 32, 32) for net1") {
		t.Errorf("status %d, %q", status, said)
	}
	status, _, said = call("train", "--epochs", "1", "--net", "x: pool max 33", "--out", "other")
	if status != 1 || !strings.Contains(said, `train: x: nets: "pool max 33", character 4: nn: MaxPool2d`) {
		t.Errorf("status %d, %q", status, said)
	}
}

// Without --net config.json and the command in it are those of earlier versions.
func TestCommandWithoutNets(t *testing.T) {
	s := new(settings)
	flags := trainFlags(s)
	if got := s.commandLine(flags); strings.Contains(strings.Join(got, " "), "--net") || s.describeNets() != nil {
		t.Errorf("got %q and %v", got, s.describeNets())
	}
}

func TestNetErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"conv 8, rellu"}, `train: --net: nets: "rellu", character 9: no layer has that word: did you mean relu?`},
		{[]string{"stryde"}, `"stryde": no network has that name: did you mean stride?`},
		{[]string{"base", "BASE: relu"}, "--net: two networks are named BASE: name one of them otherwise"},
		{[]string{"Best: relu"}, "--net: a network is named Best: that is the second name of the best one"},
		{[]string{"relu", "--pooling=max"}, "--net and --pooling: want one of them"},
		{[]string{"relu", "--hidden=8"}, "--hidden is for the lab's networks, base, stride, max, avg: leave it out"},
		{[]string{"relu", "--pool-size=2"}, "--pool-size is for the lab's networks"},
	} {
		args := []string{"train"}
		for _, a := range c.args {
			if !strings.HasPrefix(a, "--") {
				a = "--net=" + a
			}
			args = append(args, a)
		}
		if status, _, said := call(args...); status != exitUsage || !strings.Contains(said, c.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: status %d, %q, want %s", c.args, status, said, c.want)
		}
	}
}

// With --init-scheme he the weights begin as nn.KaimingNormal draws them, and biases as ever. The run keeps
// the scheme, and its files say it.
func TestInitScheme(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	mustCall(t, strings.Fields("train --quiet --epochs 1 --batch 1500 --lr 1e-30 --net max --hidden 2 --init-scheme he --out run")...)
	mustCall(t, strings.Fields("train --quiet --epochs 2 --resume run")...)
	model, err := modelfile.Load("run/max/" + runs.ModelFile)
	if err != nil {
		t.Fatal(err)
	}
	network, err := nn.NewLab("max", model.In, nn.LabOptions{Classes: 3, Hidden: 2})
	if err != nil {
		t.Fatal(err)
	}
	network.SetInit(nn.Init{Scheme: nn.KaimingNormal})
	for i, want := range network.InitState(0) {
		for k, v := range model.State[i].Data {
			if !(math.Abs(float64(v-want.Data[k])) < 1e-20) {
				t.Fatalf("%s: value %d is %v, want %v", want.Name, k, v, want.Data[k])
			}
		}
	}
	config, err := runs.ReadConfig("run")
	if err != nil || config.Recipe.InitScheme != "he" {
		t.Errorf("config.json has %q, %v", config.Recipe.InitScheme, err)
	}
	if out := mustCall(t, "summary", "run"); !strings.Contains(out, "seed 0 (initial weights by He)\n") {
		t.Errorf("got\n%s", out)
	}
}
