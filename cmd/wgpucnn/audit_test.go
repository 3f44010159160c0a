package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/stats"
)

// rewriteCheckpoint alters a checkpoint of a run. The file gets the right checksum again.
func rewriteCheckpoint(name string, alter func(*modelfile.Checkpoint)) func(run string) error {
	return func(run string) error {
		path := filepath.Join(run, name)
		c, err := modelfile.LoadCheckpoint(path)
		if err != nil {
			return err
		}
		alter(c)
		data, err := c.Marshal()
		return errors.Join(err, os.WriteFile(path, data, 0o666))
	}
}

// rewriteModel alters the model of a run in the same way.
func rewriteModel(name string, alter func(*modelfile.Model)) func(run string) error {
	return func(run string) error {
		path := filepath.Join(run, name)
		m, err := modelfile.Load(path)
		if err != nil {
			return err
		}
		alter(m)
		data, err := m.Marshal()
		return errors.Join(err, os.WriteFile(path, data, 0o666))
	}
}

// rewriteText replaces a text in a file of a run, wherever it stands.
func rewriteText(name, old, new string) func(run string) error {
	return func(run string) error {
		path := filepath.Join(run, name)
		data, err := os.ReadFile(path)
		if err == nil && !bytes.Contains(data, []byte(old)) {
			err = fmt.Errorf("%s: no %q", name, old)
		}
		return errors.Join(err, os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(new)), 0o666))
	}
}

// changeFirst changes the last bit of the first weight.
func changeFirst(m *modelfile.Model) {
	bits := &m.State[0].Data[0]
	*bits += *bits / (1 << 22)
}

// audit finds an honest run equal to the last bit, and names what was edited. It writes nothing.
func TestAudit(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	one := filepath.Join(folder, "one")
	mustCall(t, strings.Fields("train --epochs 3 --batch 500 --hidden 2 --pooling max --quiet --tiling default --out "+one)...)
	const all = 3 // slices
	weight := func(c *modelfile.Checkpoint) { changeFirst(&c.Model) }
	elsewhere := func(run string) error {
		return rewriteConfigs(run, func(c *runs.Config) { c.Driver = "another" })
	}
	first, second := "max/audit/epoch-1.safetensors", "max/audit/epoch-2.safetensors"
	for name, c := range map[string]struct {
		alter  func(run string) error
		slices int
		status int
		want   []string // parts of the output
	}{
		"honest":  {nil, all, 0, []string{"slices   3 of 3; --seed 7 chooses", "max      epochs 1 to 1: equal to the last bit", "max      epochs 3 to 3: equal to the last bit"}},
		"a model": {rewriteModel("max/"+runs.ModelFile, changeFirst), 1, 1, []string{"slices   1 of 3", "max      differs: model.safetensors: conv1.weight[0] is "}},
		"metrics.csv": {rewriteText("max/"+runs.MetricsFile, "\n2,", "\n2,1"), 1, 1,
			[]string{"max      differs: metrics.csv: train loss of epoch 2 (mean) is "}},
		"a kept weight": {rewriteCheckpoint(first, weight), all, 1,
			[]string{"max      differs: epochs 1 to 1: audit/epoch-1.safetensors: conv1.weight[0] is ", "max      differs: epochs 2 to 2: ", "max      epochs 3 to 3: equal"}},
		"a kept momentum": {rewriteCheckpoint(second, func(c *modelfile.Checkpoint) { c.Slots["momentum_buffer"][1].Data[0]++ }), all, 1,
			[]string{"audit/epoch-2.safetensors: momentum_buffer.conv1.bias[0] is "}},
		"a kept figure": {rewriteCheckpoint(second, func(c *modelfile.Checkpoint) { c.Epochs[0].TestLoss.Mean *= 2 }), 1, 1,
			[]string{"max      differs: audit/epoch-2.safetensors: evaluation loss of epoch 1 (mean) is "}},
		"model and checkpoint": {both(rewriteModel("max/"+runs.ModelFile, changeFirst), rewriteCheckpoint("max/"+runs.CheckpointFile, weight)), all, 1,
			[]string{"max      differs: epochs 3 to 3: checkpoint.safetensors: conv1.weight[0] is "}},
		"a learning rate": {rewriteText(runs.ConfigFile, "0.005", "0.006"), 1, 1,
			[]string{"max      differs: config.json and checkpoint.safetensors do not have the same settings"}},
		"one everywhere": {func(run string) error {
			return errors.Join(rewriteConfigs(run, func(c *runs.Config) { c.Recipe.LR = 0.006 }), rewriteText(runs.ConfigFile, "--lr=0.005", "--lr=0.006")(run))
		}, all, 1, []string{"max      differs: epochs 1 to 1: audit/epoch-1.safetensors: conv1.weight[0] is "}},
		"one of the recipe alone": {rewriteText(runs.ConfigFile, `"lr": 0.005`, `"lr": 0.006`), 1, 1,
			[]string{"differs: config.json: recipe and command do not fit each other"}},
		"another epoch's": {copied(second, first), 1, 1, []string{"max      differs: audit/epoch-1.safetensors has 2 epochs, and checkpoint.safetensors 3"}},
		"a cut file": {func(run string) error { return os.Truncate(filepath.Join(run, first), 2000) }, all, 1,
			[]string{"epoch-1.safetensors: modelfile: ", "max      epochs 1 to 2: equal"}},
		"of an earlier version":    {without("max/audit"), all, 0, []string{"no checkpoint along the way: its one slice has all 3 epochs", "max      epochs 1 to 3: equal"}},
		"no model":                 {without("max/" + runs.ModelFile), 1, 1, []string{"max      differs: ", "model.safetensors: no such file"}},
		"no checkpoint":            {without("max/" + runs.CheckpointFile), 1, 1, []string{"checkpoint.safetensors: no such file", "slices   0 of 0"}},
		"elsewhere":                {elsewhere, 1, 0, []string{"rounding another driver than the run had", "equal to the last bit"}},
		"elsewhere, with an edit":  {both(elsewhere, rewriteCheckpoint(first, func(c *modelfile.Checkpoint) { c.Model.State[0].Data[0]++ })), all, 1, []string{"audit/epoch-1.safetensors: conv1.weight[0] differs by "}},
		"elsewhere, by a last bit": {both(elsewhere, rewriteCheckpoint(first, weight)), all, 0, []string{"max      epochs 1 to 1: equal within the rounding of another driver: conv1.weight[0] differs most, by "}},
	} {
		t.Run(name, func(t *testing.T) {
			run := filepath.Join(t.TempDir(), "run")
			if err := os.CopyFS(run, os.DirFS(one)); err != nil {
				t.Fatal(err)
			}
			if c.alter != nil {
				if err := c.alter(run); err != nil {
					t.Fatal(err)
				}
			}
			before := runstest.Files(t, run)
			status, out, err := call("audit", run, "--slices", fmt.Sprint(c.slices), "--seed", "7")
			if status != c.status || c.status == 1 != strings.Contains(err, "wgpucnn: audit: "+run+": found differences\n") {
				t.Errorf("status %d, want %d: %s%s", status, c.status, out, err)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s%s", want, out, err)
				}
			}
			if c.status == 0 && strings.Contains(out, "differs:") {
				t.Errorf("got\n%s", out)
			}
			if !reflect.DeepEqual(runstest.Files(t, run), before) {
				t.Error("it changed the run")
			}
		})
	}
	held := runs.Folder{Path: one}
	if err := held.Lock(); err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	if status, _, err := call("audit", one); status != 1 || !strings.Contains(err, "another process is training there: wait for its end") {
		t.Errorf("beside another process: status %d, %q", status, err)
	}
}

// rewriteConfigs alters what a run and its checkpoints tell about its settings.
func rewriteConfigs(run string, alter func(*runs.Config)) error {
	path := filepath.Join(run, runs.ConfigFile)
	config, err := runs.ReadConfig(run)
	if err != nil {
		return err
	}
	alter(&config)
	data, err := json.Marshal(config)
	err = errors.Join(err, os.WriteFile(path, data, 0o666))
	files, _ := filepath.Glob(filepath.Join(run, "*", "audit", "*"))
	newest, _ := filepath.Glob(filepath.Join(run, "[a-z]*", runs.CheckpointFile))
	for _, file := range append(files, newest...) {
		name, _ := filepath.Rel(run, file)
		err = errors.Join(err, rewriteCheckpoint(name, func(c *modelfile.Checkpoint) {
			var t runs.Training
			json.Unmarshal(c.Model.Training.(json.RawMessage), &t)
			alter(&t.Config)
			c.Model.Training = t
		})(run))
	}
	return err
}

// A run that was resumed for longer is equal to the last bit too. With a schedule over all epochs, the slice
// before is left out. With --keep best and --seeds, each has its own.
func TestAuditResumed(t *testing.T) {
	enginetest.Open(t)
	initial := cmdline.Absolute(goldenDict)
	t.Chdir(t.TempDir())
	line := "train --batch 500 --hidden 2 --pooling max --quiet "
	for name, c := range map[string]struct {
		flags string
		kept  string // before --resume and after it
		want  []string
	}{
		"constant": {"--momentum 0.8", "[1 2 3 4] [2 4 6 8]", []string{"5 of 5", "epochs 1 to 2: equal", "epochs 5 to 6: equal", "epochs 9 to 10: equal"}},
		"cosine":   {"--schedule cosine", "[1 2 3 4] [5 6 8]", []string{"3 of 3", "epochs 1 to 5: cannot be trained again", "epochs 6 to 6: equal", "epochs 9 to 10: equal"}},
		"best":     {"--validation 0.2 --keep best --optimizer adamw", "[1 2 3 4] [2 4 6 8]", []string{"5 of 5", "epochs 9 to 10: equal"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := runs.Folder{Path: name}
			mustCall(t, strings.Fields(line+c.flags+" --epochs 5 --out "+name)...)
			before := f.Kept("max")
			mustCall(t, "train", "--quiet", "--resume", name, "--epochs", "10")
			if got := fmt.Sprint(before, f.Kept("max")); got != c.kept {
				t.Errorf("it keeps %s, want %s", got, c.kept)
			}
			out := mustCall(t, "audit", name, "--slices", "100")
			for _, want := range c.want {
				if !strings.Contains(out, want) || strings.Contains(out, "rounding") {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
	mustCall(t, strings.Fields(line+"--seeds 3,4 --epochs 2 --out seeds")...)
	if out := mustCall(t, "audit", "seeds"); !strings.Contains(out, "slices   2 of 4") || strings.Count(out, "equal to the last bit") != 2 || !strings.Contains(out, "max/seed-3 ") || !strings.Contains(out, "max/seed-4 ") {
		t.Errorf("got\n%s", out)
	}
	mustCall(t, strings.Fields("train --batch 1500 --hidden 2 --pooling base --epochs 3 --quiet --init "+initial+" --out init")...)
	if out := mustCall(t, "audit", "init"); !strings.Contains(out, "epochs 1 to 1: cannot be trained again, because they began from a file of --init") || !strings.Contains(out, "slices   2 of 2") {
		t.Errorf("got\n%s", out)
	}
}

// The size that decides how many checkpoints a network keeps is at least that of the file, and not much more.
func TestCheckpointSize(t *testing.T) {
	network, err := nn.NewSequential(nn.Shape{32, 32, 3}, nn.LabNormalize, nn.Flatten{}, nn.Linear{In: 3072, Out: 500})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, network.Classes())
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	state := network.InitState(1)
	c := modelfile.Checkpoint{Model: modelfile.Model{Network: network, State: state, ClassNames: names}, Epochs: make([]stats.Epoch, 9),
		Slots: map[string]nn.StateDict{"exp_avg": state, "exp_avg_sq": state}, Best: state, BestEpoch: 2}
	file, err := c.Marshal()
	r := run{settings: settings{epochs: 9, stopping: stopping{keep: keepBest}}}
	if size := r.checkpointSize(network, len(c.Slots)); err != nil || size < len(file) || size > len(file)+1<<20 || runs.MostKept(size) != 2 {
		t.Errorf("a size of %d for %d bytes, %v", size, len(file), err)
	}
}
