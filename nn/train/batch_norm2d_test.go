package train

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/modelfile"
)

// A training with running statistics goes by way of a file to another trainer and comes to the same bits.
// The statistics move in training steps, not in evaluations and not when the kernels are compiled.
func TestResumeBatchNorm(t *testing.T) {
	dev, network, data := enginetest.Open(t), nntest.Reference(t, reference.BatchNorm), nntest.Data(9, 3)
	after := func(epochs int, o Options) []byte {
		part := trainer(t, dev, network, data, o)
		if err := part.Train(context.Background(), epochs, Observer{}); err != nil {
			t.Fatal(err)
		}
		return checkpointBytes(t, part)
	}
	want := after(5, Options{Batch: 4, Seed: 5})
	halfway, err := modelfile.UnmarshalCheckpoint(after(2, Options{Batch: 4, Seed: 5}))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(after(3, Options{Batch: 4, Resume: halfway}), want) {
		t.Error("the file of 2 + 3 epochs is not that of 5 in one go")
	}
	untrained, err := modelfile.UnmarshalCheckpoint(after(0, Options{Batch: 4, Seed: 5}))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range network.Params() {
		if !p.Untrained {
			continue
		}
		for k, v := range untrained.Model.State[i].Data {
			if float64(v) != p.Init.Value {
				t.Errorf("%s[%d] is %v before the first step, want %v", p.Name, k, v, p.Init.Value)
			}
		}
		if before, now := untrained.Model.State[i].Data, halfway.Model.State[i].Data; before[0] == now[0] {
			t.Errorf("%s[0] is %v after two epochs too", p.Name, now[0])
		}
	}
}

// A last batch with one value for each channel is refused before anything is compiled. One row of larger
// maps trains.
func TestBatchNormOfOneValue(t *testing.T) {
	points := nntest.Sequential(t, nn.AdaptiveAvgPool2d{Out: 1}, nn.Conv2d{In: 3, Out: 4, Kernel: 1, NoBias: true}, nn.BatchNorm2d{Features: 4}, nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 4, Out: 3})
	maps := nntest.Sequential(t, nn.BatchNorm2d{Features: 3}, nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 3, Out: 3})
	for _, c := range []struct {
		network     *nn.Network
		rows, batch int
		refused     bool
	}{
		{points, 9, 4, true}, {points, 9, 1, true}, {points, 9, 9, false}, {points, 8, 4, false}, {points, 1, 1, true}, {maps, 9, 4, false}, {maps, 1, 1, false},
	} {
		err := CheckBatch(c.network, c.rows, c.batch)
		if (err != nil) != c.refused {
			t.Errorf("%d rows by %d: got %v, want an error: %v", c.rows, c.batch, err, c.refused)
		}
	}
	const want = "train: 9 rows in batches of 4: bn1, a BatchNorm2d of maps (4, 1, 1), has one value for each channel in a batch of 1 row: want more than one: choose another batch size"
	if _, err := New(enginetest.Open(t), points, nntest.Data(9, 3), nntest.LabSGD, Options{Batch: 4}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// On a GPU with WebGPU's default limits a training with BatchNorm2d keeps to them. Its kernels are two
// forward and two backward for each layer, and one in an evaluation.
func TestBatchNormDispatches(t *testing.T) {
	limits := engine.DefaultLimits()
	b := builder{
		network: nntest.Reference(t, reference.BatchNorm), data: nntest.Data(200, 100), rule: nntest.LabSGD, batch: 128,
		tilings:  nn.Tilings{Default: nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: limits})},
		resident: leastResident, order: func(int) []uint32 { return identity(200) },
	}
	from, err := Options{Seed: 1}.start(b.network)
	if err != nil {
		t.Fatal(err)
	}
	plans, err := b.build(from)
	if err != nil {
		t.Fatal(err)
	}
	count := func(plan engine.Plan) map[string]int {
		counts := map[string]int{}
		for _, d := range plan {
			w := nntest.WorkgroupOf(t, d.Kernel)
			if w.Invocations > limits.WorkgroupSize || w.Memory > limits.WorkgroupStorage || len(d.Bindings) > limits.StorageBuffers {
				t.Errorf("%v: %d bindings, %+v", d.Kernel, len(d.Bindings), w)
			}
			if name := d.Kernel.String(); strings.HasPrefix(name, "batch_norm2d") {
				counts[strings.TrimPrefix(name, "batch_norm2d.")]++
			}
		}
		return counts
	}
	for entry, want := range map[string]int{"statistics": 4, "forward": 4, "backward_weight": 4, "backward_input": 4, "evaluate": 0} {
		if got := count(plans.step)[entry]; got != want {
			t.Errorf("a step has %d of %s, want %d", got, entry, want)
		}
	}
	if got := count(plans.eval); len(got) != 1 || got["evaluate"] != 4 {
		t.Errorf("an evaluation has %v, want 4 of evaluate", got)
	}
}
