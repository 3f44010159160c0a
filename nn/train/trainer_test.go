package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/stats"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// trainer makes a trainer for a test and releases it at its end.
func trainer(t *testing.T, dev *engine.Device, model *nn.Network, data *dataset.Dataset, o Options) *Trainer {
	t.Helper()
	trainer, err := New(dev, model, data, nntest.LabSGD, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.Release)
	return trainer
}

// The figures of an epoch are those of its batches, train as trained on, test
// with the weights that the epoch leaves.
func TestEpochStats(t *testing.T) {
	dev := enginetest.Open(t)
	want, model := golden.LoadTraining("max"), nntest.Reference(t, "max")
	data := nntest.Data(golden.Count, 150) // batches of 128 and 22
	trainer := trainer(t, dev, model, data, Options{Batch: golden.Batch, State: reference.State(model), Order: golden.Order})
	got, err := trainer.Epoch(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	state, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	logits, err := predict.Logits(context.Background(), dev, model, state, data.Test, predict.Options{Batch: 150})
	if err != nil {
		t.Fatal(err)
	}
	var losses, accuracies []float64
	for _, rows := range [][2]int{{0, 128}, {128, 150}} {
		count := rows[1] - rows[0]
		loss, correct, _ := ref.CrossEntropy(nntest.Wide(logits[rows[0]*3:rows[1]*3]), 3, data.Test.Labels[rows[0]:rows[1]], count)
		losses, accuracies = append(losses, loss), append(accuracies, float64(correct)/float64(count))
	}
	trainAccuracies := []float64{float64(want.Correct[0]) / 128, float64(want.Correct[1]) / 92}
	if got.Epoch != 1 {
		t.Errorf("epoch %d, want 1", got.Epoch)
	}
	for what, pair := range map[string][2]stats.Spread{
		"train loss":     {got.TrainLoss, stats.NewSpread(want.Losses[:2])},
		"train accuracy": {got.TrainAccuracy, stats.NewSpread(trainAccuracies)},
		"test loss":      {got.TestLoss, stats.NewSpread(losses)},
		"test accuracy":  {got.TestAccuracy, stats.NewSpread(accuracies)},
	} {
		got, want := pair[0], pair[1]
		if err := ref.Compare([]float64{got.Mean, got.P25, got.P75}, []float64{want.Mean, want.P25, want.P75}, 0, 1e-5); err != nil {
			t.Errorf("%s: got %+v, want %+v: %v", what, got, want, err)
		}
	}
}

// The same seed gives the same weights to the last bit, another seed others.
func TestTrainingRepeats(t *testing.T) {
	dev := enginetest.Open(t)
	for _, pooling := range nn.Poolings {
		model := nntest.Reference(t, pooling)
		run := func(seed uint64) []byte {
			trainer := trainer(t, dev, model, nntest.Data(golden.Count, 50), Options{Batch: golden.Batch, Seed: seed})
			if err := trainer.Train(context.Background(), 2, Observer{}); err != nil {
				t.Fatal(err)
			}
			return stateBytes(t, trainer)
		}
		one := run(1)
		if !bytes.Equal(one, run(1)) {
			t.Errorf("%s: the same seed gave other weights", pooling)
		}
		if bytes.Equal(one, run(2)) {
			t.Errorf("%s: another seed gave the same weights", pooling)
		}
	}
}

// The runs of StepProgram are the steps that Train takes.
func TestStepProgram(t *testing.T) {
	dev, model := enginetest.Open(t), nntest.Small(t)
	data, o := nntest.Data(golden.Count, 50), Options{Batch: golden.Batch, Seed: 1}
	one, two := trainer(t, dev, model, data, o), trainer(t, dev, model, data, o)
	if err := one.Train(context.Background(), 3, Observer{}); err != nil {
		t.Fatal(err)
	}
	step, err := two.StepProgram()
	if err != nil {
		t.Fatal(err)
	}
	recorder := dev.NewRecorder()
	for range 3 * two.StepsPerEpoch() {
		recorder.Run(step)
	}
	recorder.Copy(two.snapshots[0].All(), two.plans.layout.Params.All())
	if pending, err := recorder.Submit(); err != nil || pending.Wait() != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stateBytes(t, one), stateBytes(t, two)) {
		t.Error("three epochs of StepProgram left other weights than Train")
	}
}

// stateBytes returns the weights of the last finished epoch.
func stateBytes(t *testing.T, trainer *Trainer) []byte {
	t.Helper()
	state, err := trainer.State()
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, tensor := range state {
		all = append(all, engine.Bytes(tensor.Data)...)
	}
	return all
}

// However an epoch falls among submissions and calls, it is the same; over more
// epochs than the rings hold.
func TestTrainInParts(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(9, 3)
	whole := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	parts := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	epochs := 2*whole.plans.train.Orders + 3
	var a, b []stats.Epoch
	steps := 0
	err := whole.Train(context.Background(), epochs, Observer{
		Epoch: func(s stats.Epoch) { a = append(a, s) },
		Step: func(s stats.Step) {
			if s.Step != steps+1 {
				t.Errorf("step %d after step %d", s.Step, steps)
			}
			steps = s.Step
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if steps != epochs*whole.StepsPerEpoch() {
		t.Errorf("%d steps reported, want %d", steps, epochs*whole.StepsPerEpoch())
	}
	for len(b) < epochs {
		n := min(1+len(b)%7, epochs-len(b))
		if err := parts.Train(context.Background(), n, Observer{Epoch: func(s stats.Epoch) { b = append(b, s) }}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range epochs {
		if i >= len(a) || a[i] != b[i] || a[i].Epoch != i+1 {
			t.Fatalf("epoch %d of %d: got %+v in one go, %+v in parts", i+1, len(a), a[min(i, len(a)-1)], b[i])
		}
	}
	if !bytes.Equal(stateBytes(t, whole), stateBytes(t, parts)) {
		t.Error("the weights differ")
	}
}

// A training that is stopped keeps the weights of its last finished epoch, and
// can go on.
func TestTrainStopped(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(20, 3)
	ctx, cancel := context.WithCancel(context.Background())
	stopped := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	last := 0
	err := stopped.Train(ctx, 1_000_000, Observer{Epoch: func(s stats.Epoch) {
		last = s.Epoch
		if last == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || last < 3 {
		t.Fatalf("got %v after %d epochs, want context.Canceled after 3 or more", err, last)
	}
	same := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	if err := same.Train(context.Background(), last, Observer{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stateBytes(t, stopped), stateBytes(t, same)) {
		t.Errorf("the weights are not those of epoch %d", last)
	}
	for _, trainer := range []*Trainer{stopped, same} {
		if err := trainer.Train(context.Background(), last+2-trainer.done/trainer.perEpoch(), Observer{}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(stateBytes(t, stopped), stateBytes(t, same)) {
		t.Error("going on gave other weights")
	}
}

func TestTrainDiverges(t *testing.T) {
	dev := enginetest.Open(t)
	trainer, err := New(dev, nntest.Small(t), nntest.Data(8, 4), optim.SGD{LR: 1e30}, Options{Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Release()
	if err := trainer.Train(context.Background(), 50, Observer{}); !errors.Is(err, nn.ErrDiverged) || !strings.Contains(err.Error(), "epoch 1:") {
		t.Errorf("got %v, want ErrDiverged in epoch 1", err)
	}
	// Figures and weights are those of the same epoch.
	c, err := trainer.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if want := trainer.done / trainer.perEpoch(); len(c.Epochs) != want {
		t.Errorf("figures of %d epochs, weights of %d", len(c.Epochs), want)
	}
}

// Steps that could not be submitted are not counted: a later call of Train takes them, with
// the batches that a ring has already.
func TestSubmitFails(t *testing.T) {
	dev := enginetest.Open(t)
	for _, resident := range []int{0, 5 * nntest.In.Size()} {
		o := Options{Batch: 4, resident: resident}
		one, other := trainer(t, dev, nntest.Small(t), nntest.Data(9, 3), o), trainer(t, dev, nntest.Small(t), nntest.Data(9, 3), o)
		engine.Release(one.snapshots[1]) // which a submission copies to
		if err := one.Train(context.Background(), 1, Observer{Every: 1}); err == nil {
			t.Fatal("trained without memory")
		}
		if one.done >= one.perEpoch() || one.saved != 0 {
			t.Errorf("%d steps done, %d epochs saved", one.done, one.saved)
		}
		if err := dev.Allocate(one.snapshots[1]); err != nil {
			t.Fatal(err)
		}
		for _, trainer := range []*Trainer{one, other} {
			if err := trainer.Train(context.Background(), 3, Observer{}); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(stateBytes(t, one), stateBytes(t, other)) {
			t.Errorf("resident %d: other weights than those of a training without a failure", resident)
		}
	}
}

func TestNewTrainerErrors(t *testing.T) {
	dev := enginetest.Open(t)
	model := nntest.Small(t)
	bad := func(change func(*dataset.Dataset)) *dataset.Dataset {
		data := nntest.Data(8, 4)
		change(data)
		return data
	}
	short := model.InitState(1)[:3]
	for _, c := range []struct {
		want string
		data *dataset.Dataset
		sgd  optim.SGD
		o    Options
	}{
		{"batch of 9: want 1 to 8", bad(func(*dataset.Dataset) {}), nntest.LabSGD, Options{Batch: 9}},
		{"batch of 0", bad(func(*dataset.Dataset) {}), nntest.LabSGD, Options{}},
		{"learning rate", bad(func(*dataset.Dataset) {}), optim.SGD{LR: math.NaN()}, Options{Batch: 4}},
		{"training set is empty", bad(func(d *dataset.Dataset) { d.Train = nntest.First(d.Train, 0) }), nntest.LabSGD, Options{Batch: 4}},
		{"test set is empty", bad(func(d *dataset.Dataset) { d.Test = nntest.First(d.Test, 0) }), nntest.LabSGD, Options{Batch: 4}},
		{"label 3: the network has 3 classes", bad(func(d *dataset.Dataset) { d.Train.Labels[7] = 3 }), nntest.LabSGD, Options{Batch: 4}},
		{"the network takes (32, 32, 3)", bad(func(d *dataset.Dataset) { d.Test.Height = 16 }), nntest.LabSGD, Options{Batch: 4}},
		{"bytes of pixels", bad(func(d *dataset.Dataset) { d.Test.Pixels = d.Test.Pixels[1:] }), nntest.LabSGD, Options{Batch: 4}},
		{"3 tensors of weights for a network that has 4", bad(func(*dataset.Dataset) {}), nntest.LabSGD, Options{Batch: 4, State: short}},
	} {
		trainer, err := New(dev, model, c.data, c.sgd, c.o)
		if err == nil {
			trainer.Release()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v; want an error with %q", err, c.want)
		}
	}
}

// What an observer hears and does has no say in the training: it is given each state of
// the weights that a submission leaves, and a pause does not count as training.
func TestObserver(t *testing.T) {
	dev := enginetest.Open(t)
	model, data := nntest.Small(t), nntest.Data(20, 3)
	watched := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	var last nn.StateDict
	calls, pauses := 0, 0
	start := time.Now()
	err := watched.Train(context.Background(), 40, Observer{
		Weights: func(state nn.StateDict) { last, calls = state, calls+1 },
		Pause: func() {
			pauses++
			time.Sleep(50 * time.Millisecond)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	elapsed := time.Since(start).Seconds()
	state, err := watched.State()
	if err != nil {
		t.Fatal(err)
	}
	for i, tensor := range state {
		if calls == 0 || tensor.Name != last[i].Name || !slices.Equal(tensor.Data, last[i].Data) {
			t.Errorf("after %d calls: %s is not that of the last epoch", calls, tensor.Name)
		}
	}
	if slept := 0.05 * float64(pauses); pauses == 0 || watched.seconds > elapsed-slept {
		t.Errorf("%.2f s of training in %.2f with pauses of %.2f", watched.seconds, elapsed, slept)
	}
	alone := trainer(t, dev, model, data, Options{Batch: 4, Seed: 5})
	if err := alone.Train(context.Background(), 40, Observer{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stateBytes(t, watched), stateBytes(t, alone)) {
		t.Error("the weights differ from those of a training without observer")
	}
}

// The plan of a step is complete: written to a file and read back, it trains the first epoch as
// Train does, with nothing written beside it.
func TestPlanIsComplete(t *testing.T) {
	dev, network := enginetest.Open(t), nntest.Small(t)
	data := nntest.Data(9, 5)
	one, other := trainer(t, dev, network, data, Options{Batch: 4, Seed: 5}), trainer(t, dev, network, data, Options{Batch: 4, Seed: 5})
	if err := one.Train(context.Background(), 1, Observer{}); err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(other.Plan())
	if err != nil {
		t.Fatal(err)
	}
	var plan engine.Plan
	if err := json.Unmarshal(file, &plan); err != nil {
		t.Fatal(err)
	}
	program, err := dev.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Release()
	defer engine.Release(program.Buffers()...)
	enginetest.Run(t, dev, program, one.StepsPerEpoch())
	for _, b := range program.Buffers() {
		if b.Name != "params" {
			continue
		}
		params := make([]float32, b.Size()/4)
		if err := engine.Read(dev, b.All(), params); err != nil {
			t.Fatal(err)
		}
		want, err := one.State()
		if err != nil {
			t.Fatal(err)
		}
		if got := other.plans.layout.State(params, nil); !reflect.DeepEqual(got, want) {
			t.Error("other weights than those of Train")
		}
		return
	}
	t.Error("the plan has no parameters")
}
