package train

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
)

// named gives a trainer's checkpoint what it takes to be written.
func named(c *modelfile.Checkpoint) *modelfile.Checkpoint {
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
	model, data := nntest.Small(t), nntest.Data(9, 3)
	whole := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	epochs := 2*whole.plans.train.Orders + 3
	if err := whole.Train(context.Background(), epochs, Observer{}); err != nil {
		t.Fatal(err)
	}
	want := checkpointBytes(t, whole)
	part, done := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5}), 0
	for _, n := range []int{1, 0, 2, whole.plans.train.Orders - 1, whole.plans.train.Orders + 1} {
		steps := done * part.StepsPerEpoch()
		err := part.Train(context.Background(), n, Observer{
			Epoch: func(s stats.Epoch) {
				if done++; s.Epoch != done {
					t.Errorf("epoch %d after %d", s.Epoch, done-1)
				}
			},
			Step: func(s stats.Step) {
				if steps++; s.Step != steps {
					t.Errorf("step %d after %d", s.Step, steps-1)
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := modelfile.UnmarshalCheckpoint(checkpointBytes(t, part))
		if err != nil {
			t.Fatal(err)
		}
		part = trainer(t, dev, model, data, Options{Batch: 4, Resume: c})
	}
	if done != epochs || !bytes.Equal(checkpointBytes(t, part), want) {
		t.Errorf("the file of %d epochs in parts is not that of %d in one go", done, epochs)
	}
}

// AdamW with groups and a schedule goes on as if it had never stopped: its moments lie in the file by
// name, and the step counts on.
func TestResumeAdamW(t *testing.T) {
	dev, network, data := enginetest.Open(t), nntest.Small(t), nntest.Data(9, 3)
	schedule, err := optim.Cosine(4, 15)
	if err != nil {
		t.Fatal(err)
	}
	rule := optim.AdamW{LR: 0.01, WeightDecay: 0.1, Schedule: schedule, Groups: []optim.Group{{Params: network.Vectors()}}}
	after := func(epochs int, o Options) []byte {
		trainer, err := New(dev, network, data, rule, o)
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Release()
		if err := trainer.Train(context.Background(), epochs, Observer{}); err != nil {
			t.Fatal(err)
		}
		return checkpointBytes(t, trainer)
	}
	want := after(5, Options{Batch: 4, Seed: 5})
	halfway, err := modelfile.UnmarshalCheckpoint(after(2, Options{Batch: 4, Seed: 5}))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(after(3, Options{Batch: 4, Resume: halfway}), want) {
		t.Error("the file of 2 + 3 epochs is not that of 5 in one go")
	}
	for name, rule := range map[string]optim.Optimiser{"momentum_buffer": nntest.LabSGD, "exp_avg": rule} {
		from := *halfway
		if name == "exp_avg" {
			from.Slots = map[string]nn.StateDict{"momentum_buffer": network.InitState(1)}
		}
		if _, err := New(dev, network, data, rule, Options{Batch: 4, Resume: &from}); err == nil || !strings.Contains(err.Error(), "the checkpoint has no "+name+": it is of another optimiser") {
			t.Errorf("%T: got %v", rule, err)
		}
	}
}

// What an observer is given is the checkpoint of as many epochs, when it was asked for.
func TestObserverCheckpoint(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(20, 3)
	o := Options{Batch: 4, Seed: 5}
	observed := trainer(t, dev, model, data, o)
	files := map[int][]byte{}
	last := 0
	err := observed.Train(context.Background(), 700, Observer{Every: 3, Checkpoint: func(c *modelfile.Checkpoint) error {
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
	err = observed.Train(context.Background(), 1_000_000, Observer{Every: 1, Checkpoint: func(*modelfile.Checkpoint) error { return full }})
	if err != full {
		t.Errorf("got %v, want %v", err, full)
	}
	if err := observed.Train(context.Background(), 3, Observer{Checkpoint: func(*modelfile.Checkpoint) error { return full }}); err != nil {
		t.Errorf("got a checkpoint that nobody asked for: %v", err)
	}
}

// With a time beside it, a checkpoint comes at the latest so long after the one before: here at each
// submission that follows the end of an epoch. The time changes no bit, and neither do short submissions.
func TestCheckpointWithin(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(20, 3)
	whole := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	if err := whole.Train(context.Background(), 300, Observer{}); err != nil {
		t.Fatal(err)
	}
	timed := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5, Submission: time.Millisecond})
	if timed.pace.aim != time.Millisecond || whole.pace.aim != Submission {
		t.Errorf("submissions of %v and %v", timed.pace.aim, whole.pace.aim)
	}
	var epochs []int
	err := timed.Train(context.Background(), 300, Observer{Every: 1000, Within: 1, Checkpoint: func(c *modelfile.Checkpoint) error {
		epochs = append(epochs, len(c.Epochs))
		return nil
	}})
	if err != nil || len(epochs) < 10 || epochs[len(epochs)-1] < 290 || !slices.IsSorted(epochs) || len(slices.Compact(slices.Clone(epochs))) != len(epochs) {
		t.Errorf("checkpoints after the epochs %v, %v", epochs, err)
	}
	if !bytes.Equal(checkpointBytes(t, timed), checkpointBytes(t, whole)) {
		t.Error("the training ends with other bytes")
	}
}

// Keep gets the training after just the epochs that it names, beside the checkpoints and without a change
// to any bit.
func TestObserverKeep(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(20, 3)
	o := Options{Batch: 4, Seed: 5}
	kept := trainer(t, dev, model, data, o)
	var epochs []int
	var early []byte
	err := kept.Train(context.Background(), 300, Observer{KeepAfter: []int{1, 7, 200, 301}, Keep: func(c *modelfile.Checkpoint) error {
		epochs = append(epochs, len(c.Epochs))
		if len(c.Epochs) != 7 {
			return nil
		}
		c.Seconds, c.CompileSeconds = 0, 0
		var err error
		early, err = named(c).Marshal()
		return err
	}})
	if err != nil || !slices.Equal(epochs, []int{1, 7, 200}) {
		t.Errorf("kept after the epochs %v, %v", epochs, err)
	}
	whole := trainer(t, dev, model, data, o)
	for _, c := range []struct {
		epochs int
		want   []byte
	}{{7, early}, {293, checkpointBytes(t, kept)}} {
		if err := whole.Train(context.Background(), c.epochs, Observer{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(checkpointBytes(t, whole), c.want) {
			t.Errorf("%d epochs: the kept training has other bytes", c.epochs)
		}
	}
	full := errors.New("the disk is full")
	if err := kept.Train(context.Background(), 3, Observer{KeepAfter: []int{302}, Keep: func(*modelfile.Checkpoint) error { return full }}); err != full {
		t.Errorf("got %v, want %v", err, full)
	}
}

// A checkpoint that does not fit the network is an error.
func TestResumeErrors(t *testing.T) {
	dev, model := enginetest.Open(t), nntest.Small(t)
	state := model.InitState(1)
	for want, c := range map[string]*modelfile.Checkpoint{
		"3 tensors of weights":                 {Model: modelfile.Model{State: state[1:]}},
		"(of momentum_buffer)":                 {Model: modelfile.Model{State: state}, Slots: map[string]nn.StateDict{"momentum_buffer": state[1:]}},
		"no momentum_buffer: it is of another": {Model: modelfile.Model{State: state}, Slots: map[string]nn.StateDict{"exp_avg": state}},
	} {
		if _, err := New(dev, model, nntest.Data(8, 4), nntest.LabSGD, Options{Batch: 4, Resume: c}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// The seconds of compiling add up over the processes of a training.
func TestCompileSeconds(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(9, 3)
	before, err := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5}).Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if before.Seconds != 0 || before.CompileSeconds <= 0 {
		t.Fatalf("before the first step: %v seconds, %v of compiling", before.Seconds, before.CompileSeconds)
	}
	before.Seconds, before.CompileSeconds = 7, 1000
	after, err := trainer(t, dev, model, data, Options{Batch: 4, Resume: before}).Checkpoint()
	if err != nil || after.Seconds != 7 || after.CompileSeconds <= 1000 {
		t.Errorf("resumed: %v seconds, %v of compiling, %v", after.Seconds, after.CompileSeconds, err)
	}
}

// A trainer begins with the initial weights and an optimiser's state of zeros, although it
// has run its kernels once.
func TestWarm(t *testing.T) {
	dev, model := enginetest.Open(t), nntest.Small(t)
	trainer := trainer(t, dev, model, nntest.Data(9, 3), Options{Batch: 4, Seed: 5})
	for _, buffer := range append(trainer.plans.state(), trainer.plans.train.Counter, trainer.plans.test.Counter) {
		got, want := make([]float32, buffer.Size()/4), make([]byte, buffer.Size())
		copy(want, buffer.Contents)
		if err := engine.Read(dev, buffer.All(), got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(engine.Bytes(got), want) {
			t.Errorf("%s does not hold its first contents", buffer.Name)
		}
	}
	c, err := trainer.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Model.State, model.InitState(5)) {
		t.Error("the weights are not the initial ones")
	}
	for _, v := range c.Slots["momentum_buffer"] {
		if slices.Max(v.Data) != 0 || slices.Min(v.Data) != 0 {
			t.Errorf("%s: momentum %v", v.Name, v.Data)
		}
	}
}
