package nn

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/testdata/hostile"
)

// named gives a trainer's checkpoint what it takes to be written.
func named(c *Checkpoint) *Checkpoint {
	c.Model.ClassNames = []string{"a", "b", "c"}
	return c
}

// checkpointBytes returns the file of a trainer's checkpoint, without the times it took.
func checkpointBytes(t *testing.T, trainer *Trainer) []byte {
	t.Helper()
	c, err := trainer.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	c.Seconds, c.CompileSeconds = 0, 0
	file, err := named(c).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// However often a training goes by way of a file to another trainer, it comes to the same
// weights, momentum and figures to the last bit; over more epochs than the rings hold.
func TestResume(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := small(t), goldenData(9, 3)
	whole := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	epochs := 2*whole.train.Orders + 3
	if err := whole.Train(context.Background(), epochs, Observer{}); err != nil {
		t.Fatal(err)
	}
	want := checkpointBytes(t, whole)
	part, done := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5}), 0
	for _, n := range []int{1, 0, 2, whole.train.Orders - 1, whole.train.Orders + 1} {
		steps := done * part.StepsPerEpoch()
		err := part.Train(context.Background(), n, Observer{
			Epoch: func(s EpochStats) {
				if done++; s.Epoch != done {
					t.Errorf("epoch %d after %d", s.Epoch, done-1)
				}
			},
			Step: func(s StepStats) {
				if steps++; s.Step != steps {
					t.Errorf("step %d after %d", s.Step, steps-1)
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := UnmarshalCheckpoint(checkpointBytes(t, part))
		if err != nil {
			t.Fatal(err)
		}
		part = trainer(t, dev, model, data, Options{Batch: 4, Resume: c})
	}
	if done != epochs || !bytes.Equal(checkpointBytes(t, part), want) {
		t.Errorf("the file of %d epochs in parts is not that of %d in one go", done, epochs)
	}
}

// What an observer is given is the checkpoint of as many epochs, when it was asked for.
func TestObserverCheckpoint(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := small(t), goldenData(20, 3)
	o := Options{Batch: 4, Seed: 5}
	observed := trainer(t, dev, model, data, o)
	files := map[int][]byte{}
	last := 0
	err := observed.Train(context.Background(), 700, Observer{Every: 3, Checkpoint: func(c *Checkpoint) error {
		epochs := len(c.Epochs)
		if epochs < last+3 {
			t.Errorf("a checkpoint after %d epochs, and after %d", last, epochs)
		}
		if c.Seconds <= 0 || c.CompileSeconds <= 0 {
			t.Errorf("%v seconds, %v of compiling", c.Seconds, c.CompileSeconds)
		}
		last, c.Seconds, c.CompileSeconds = epochs, 0, 0
		var err error
		files[epochs], err = named(c).Marshal()
		return err
	}})
	if err != nil || len(files) < 3 {
		t.Fatalf("%d checkpoints, %v", len(files), err)
	}
	same := trainer(t, dev, model, data, o)
	for epochs := range 701 {
		if file, ok := files[epochs]; ok && !bytes.Equal(checkpointBytes(t, same), file) {
			t.Errorf("the checkpoint after %d epochs is another than at their end", epochs)
		}
		if err := same.Train(context.Background(), 1, Observer{}); err != nil {
			t.Fatal(err)
		}
	}
	full := errors.New("the disk is full")
	err = observed.Train(context.Background(), 1_000_000, Observer{Every: 1, Checkpoint: func(*Checkpoint) error { return full }})
	if err != full {
		t.Errorf("got %v, want %v", err, full)
	}
	if err := observed.Train(context.Background(), 3, Observer{Checkpoint: func(*Checkpoint) error { return full }}); err != nil {
		t.Errorf("got a checkpoint that nobody asked for: %v", err)
	}
}

// A checkpoint that does not fit the network is an error.
func TestResumeErrors(t *testing.T) {
	dev, model := enginetest.Open(t), small(t)
	state := model.InitState(1)
	for want, c := range map[string]*Checkpoint{
		"3 tensors of weights": {Model: Model{State: state[1:]}, Momentum: state},
		"(the momentum)":       {Model: Model{State: state}},
	} {
		if _, err := NewTrainer(dev, model, goldenData(8, 4), labSGD, Options{Batch: 4, Resume: c}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// halfway returns a checkpoint with figures of every kind.
func halfway(t *testing.T) *Checkpoint {
	model := trained(t)
	spread := Spread{1.0 / 3, math.SmallestNonzeroFloat64, math.Inf(1)}
	return &Checkpoint{*model, model.InitState(7), []EpochStats{
		{1, spread, Spread{1, 2, 3}, Spread{4, 5, 6}, Spread{7, 8, 9}}, {2, Spread{}, spread, Spread{1, 2, 3}, spread},
	}, math.MaxUint64, 0.1, 0.2}
}

// A checkpoint comes back from its file as it was.
func TestCheckpointFile(t *testing.T) {
	want := halfway(t)
	for range 2 {
		file, err := want.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "checkpoint.safetensors")
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := LoadCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Model.State, want.Model.State) || !reflect.DeepEqual(got.Momentum, want.Momentum) ||
			!reflect.DeepEqual(got.Epochs, want.Epochs) || got.Seed != want.Seed || got.Seconds != want.Seconds || got.CompileSeconds != want.CompileSeconds {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if _, err := LoadCheckpoint(path + "x"); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want an error that names the file", err)
		}
		want.Epochs = nil // before the first
	}
}

// The seconds of compiling add up over the processes of a training. A checkpoint of an
// earlier version, which did not count them, adds none.
func TestCompileSeconds(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := small(t), goldenData(9, 3)
	before, err := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5}).Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if before.Seconds != 0 || before.CompileSeconds <= 0 {
		t.Fatalf("before the first step: %v seconds, %v of compiling", before.Seconds, before.CompileSeconds)
	}
	file, err := named(before).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	header, metadata, _, tensors := header(t, file)
	metadata["checkpoint"] = `{"seed":5,"seconds":7}`
	old, err := UnmarshalCheckpoint(assemble(t, header, tensors))
	if err != nil || old.Seconds != 7 || old.CompileSeconds != 0 {
		t.Fatalf("of an earlier version: %+v, %v", old, err)
	}
	old.CompileSeconds = 1000
	after, err := trainer(t, dev, model, data, Options{Batch: 4, Resume: old}).Checkpoint()
	if err != nil || after.Seconds != 7 || after.CompileSeconds <= 1000 {
		t.Errorf("resumed: %v seconds, %v of compiling, %v", after.Seconds, after.CompileSeconds, err)
	}
}

// A trainer begins with the initial weights and without velocity, although it has run its
// kernels once.
func TestWarm(t *testing.T) {
	dev, model := enginetest.Open(t), small(t)
	trainer := trainer(t, dev, model, goldenData(9, 3), Options{Batch: 4, Seed: 5})
	weights, err := readState(dev, trainer.net.Params, trainer.net.Weights, model)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(weights, model.InitState(5)) {
		t.Error("the weights are not the initial ones")
	}
	velocity, err := readState(dev, trainer.optimiser.Velocity, trainer.net.Weights, model)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range velocity {
		if slices.Max(v.Data) != 0 || slices.Min(v.Data) != 0 {
			t.Errorf("%s: velocity %v", v.Name, v.Data)
		}
	}
}

// Whatever stands in a file in place of a checkpoint, it is one line. What it has in
// common with a model's file, TestUnmarshalErrors tries.
func TestUnmarshalCheckpointErrors(t *testing.T) {
	valid, err := halfway(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	model, err := trained(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	edit := func(alter func(header, metadata object, data []byte)) []byte {
		header, metadata, _, data := header(t, valid)
		alter(header, metadata, data)
		return assemble(t, header, data)
	}
	tensor := func(name, key string, value any) []byte {
		return edit(func(header, _ object, _ []byte) { header[name].(object)[key] = value })
	}
	value := func(v float64) []byte {
		return edit(func(header, _ object, data []byte) {
			first := header["momentum.conv1.weight"].(object)["data_offsets"].([]any)[0].(float64)
			binary.LittleEndian.PutUint32(data[int(first)+8:], math.Float32bits(float32(v)))
		})
	}
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"a model", "the metadata lack checkpoint", model},
		{"a head that is no JSON", "checkpoint: invalid character", edit(func(_, metadata object, _ []byte) { metadata["checkpoint"] = "seed" })},
		{"a negative seed", "checkpoint: ", edit(func(_, metadata object, _ []byte) { metadata["checkpoint"] = `{"seed":-1}` })},
		{"no momentum", "momentum.conv1.bias: the file lacks it", edit(func(header, _ object, _ []byte) {
			header["extra"] = header["momentum.conv1.bias"]
			delete(header, "momentum.conv1.bias")
		})},
		{"momentum of another type", "momentum.conv1.weight: I32: want F32", tensor("momentum.conv1.weight", "dtype", "I32")},
		{"momentum of another shape", "momentum.conv1.weight: shape [36]", tensor("momentum.conv1.weight", "shape", []int{36})},
		{"momentum that is none", "is NaN: want finite numbers: the training diverged, or the file is damaged (the momentum)", value(math.NaN())},
		{"infinite momentum", "value 2 is -Inf", value(math.Inf(-1))},
		{"no epochs", "epochs: the file lacks it", edit(func(header, _ object, _ []byte) {
			header["extra"] = header["epochs"]
			delete(header, "epochs")
		})},
		{"epochs of another type", "epochs: I64: want F64", tensor("epochs", "dtype", "I64")},
		{"epochs of fewer figures", "epochs: shape [3 8]: want (3, 12)", tensor("epochs", "shape", []int{3, 8})},
		{"epochs in a row", "epochs: shape [24]", tensor("epochs", "shape", []int{24})},
		{"epochs beyond reason", "safetensors: ", tensor("epochs", "shape", []uint64{1 << 60, 12})},
		{"a tensor too many", `"extra": the network has no such tensor`, edit(func(header, _ object, _ []byte) {
			header["extra"] = object{"dtype": "F32", "shape": []int{0}, "data_offsets": []int{0, 0}}
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 64<<20, func() error {
				_, err := UnmarshalCheckpoint(c.file)
				return err
			})
		})
	}
	for n := range valid {
		if _, err := UnmarshalCheckpoint(valid[:n]); err == nil {
			t.Errorf("read the first %d of %d bytes", n, len(valid))
		}
	}
	if _, err := Unmarshal(valid); err == nil || !strings.Contains(err.Error(), "the checkpoint of a training") {
		t.Errorf("a checkpoint in place of a model: %v", err)
	}
}
