package predict

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// The logits of each row, however many are taken at a time.
func TestLogits(t *testing.T) {
	dev := enginetest.Open(t)
	const rows = 23
	images := nntest.First(golden.Images(), rows)
	for _, pooling := range nn.Poolings {
		model := nntest.Reference(t, pooling)
		state := reference.State(model)
		want := labLogits(model, state, images.Pixels, rows)
		for _, batch := range []int{1, 7, rows, 100} {
			got, err := Logits(context.Background(), dev, model, state, images, Options{Batch: batch})
			if err != nil {
				t.Fatal(err)
			}
			if err := ref.Compare(got, want, 1e-5, 1e-5); err != nil {
				t.Errorf("%s, %d rows at a time: %v", pooling, batch, err)
			}
		}
	}
}

// A prediction has the tilings of its dispatches: those of its own batch size.
func TestTilingsByKey(t *testing.T) {
	dev := enginetest.Open(t)
	model := nntest.Small(t)
	tiling := nn.Tiling{Workgroup: 8, Run: 1, Rows: 1, Tile: 1, WeightOut: 1, WeightIn: 1, Workgroups: 4, Splits: 2}
	conv := &nn.Node{Module: model.Modules[1], Batch: 4}
	tilings := nn.Tilings{Of: nn.TilingsByKey{conv.Key("forward"): tiling}}
	for batch, want := range map[int]int{4: 1, 3: 0} {
		var plans [2]engine.Plan
		for i, o := range []Options{{Batch: batch}, {Batch: batch, Tilings: tilings}} {
			p, err := New(dev, model, model.InitState(1), o)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			plans[i] = p.program.Plan()
		}
		changed := 0
		for i, d := range plans[1] {
			if fmt.Sprint(d.Kernel.Constants, d.Workgroups) != fmt.Sprint(plans[0][i].Kernel.Constants, plans[0][i].Workgroups) {
				changed++
			}
		}
		if changed != want {
			t.Errorf("batch %d: %d dispatches changed, want %d", batch, changed, want)
		}
	}
}

// labLogits is the lab's forward pass in float64.
func labLogits(model *nn.Network, state nn.StateDict, pixels []byte, n int) []float64 {
	normalize, second := model.Modules[0].Layer.(nn.Normalize), model.Modules[3].Layer.(nn.Conv2d)
	x := ref.Normalize(pixels, n, 32, 32, 3, nntest.Wide(normalize.Mean), nntest.Wide(normalize.Std))
	conv1 := ref.Conv2d{N: n, C: 3, H: 32, W: 32, OC: 32, Kernel: 5, Stride: 4, Pad: 2}
	x = ref.ReLU(conv1.Forward(x, nntest.Wide(state[0].Data), nntest.Wide(state[1].Data)))
	conv2 := ref.Conv2d{N: n, C: 32, H: 8, W: 8, OC: 64, Kernel: 3, Stride: max(second.Stride, 1), Pad: 1}
	x = ref.ReLU(conv2.Forward(x, nntest.Wide(state[2].Data), nntest.Wide(state[3].Data)))
	pool := ref.Pool2d{N: n, C: 64, H: 8, W: 8}
	switch model.Modules[5].Layer.(type) {
	case nn.AvgPool2d:
		pool.Kernel, pool.Stride = 4, 4
		x = pool.AvgForward(x)
	case nn.AdaptiveMaxPool2d:
		pool.Out = 1
		x, _ = pool.MaxForward(x)
	case nn.AdaptiveAvgPool2d:
		pool.Out = 1
		x = pool.AvgForward(x)
	}
	linear := ref.Linear{N: n, In: len(x) / n, Out: model.Classes()}
	return linear.Forward(x, nntest.Wide(state[4].Data), nntest.Wide(state[5].Data))
}

// A predictor gives what Logits gives, call after call.
func TestPredictor(t *testing.T) {
	dev := enginetest.Open(t)
	model, images := nntest.Small(t), nntest.First(golden.Images(), 9)
	state := model.InitState(1)
	p, err := New(dev, model, state, Options{Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	for _, rows := range []int{9, 2, 4} {
		want, err := Logits(context.Background(), dev, model, state, nntest.First(images, rows), Options{Batch: rows})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Logits(context.Background(), nntest.First(images, rows))
		if err != nil {
			t.Fatal(err)
		}
		if err := ref.Compare(got, nntest.Wide(want), 1e-5, 1e-5); err != nil {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
	if _, err := New(dev, model, state, Options{Batch: 0}); err == nil {
		t.Error("a predictor for batches of 0 rows")
	}
}

func TestLogitsErrors(t *testing.T) {
	dev := enginetest.Open(t)
	model, images := nntest.Small(t), nntest.First(golden.Images(), 4)
	state := model.InitState(1)
	if _, err := Logits(context.Background(), dev, model, state[:2], images, Options{Batch: 4}); err == nil {
		t.Error("predicted with half the weights")
	}
	if _, err := Logits(context.Background(), dev, model, slices.Concat(state[1:], state[:1]), images, Options{Batch: 4}); !errors.Is(err, nn.ErrShape) {
		t.Errorf("weights in another order: got %v, want ErrShape", err)
	}
	if _, err := Logits(context.Background(), dev, model, state, nntest.First(images, 0), Options{Batch: 4}); err == nil {
		t.Error("predicted nothing")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Logits(ctx, dev, model, state, images, Options{Batch: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// While the caller has the logits of a batch, the GPU has one more batch and no more. Each batch is
// one submission. After a break nothing is on its way, so the device can be released.
func TestBatches(t *testing.T) {
	dev := enginetest.Open(t)
	model, images := nntest.Small(t), nntest.First(golden.Images(), 9)
	state := model.InitState(1)
	p, err := New(dev, model, state, Options{Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	want, err := p.Logits(context.Background(), images)
	if err != nil {
		t.Fatal(err)
	}
	before, batches := dev.Submissions(), 0
	var got []float32
	for logits, err := range p.Batches(context.Background(), images) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, logits...)
		batches++
		if sent := dev.Submissions() - before; sent != min(batches+1, 5) {
			t.Errorf("after batch %d: %d submissions, want one more, of 5 batches", batches, sent)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	batches = 0
	for logits, err := range p.Batches(ctx, images) {
		if batches++; batches == 1 {
			cancel()
		} else if batches != 2 || logits != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("element %d after a cancel: %v, %v", batches, logits, err)
		}
	}
	for range p.Batches(context.Background(), images) {
		break
	}
	dev.Release()
	if _, err := p.Start(nntest.First(images, 1)); !errors.Is(err, engine.ErrReleased) {
		t.Errorf("a start after the release: %v", err)
	}
}

// A prediction is one submission: the pixels go up with it, the logits come down.
func TestOneSubmission(t *testing.T) {
	dev := enginetest.Open(t)
	model, images := nntest.Small(t), nntest.First(golden.Images(), 3)
	for _, batch := range []int{1, 3} {
		p, err := New(dev, model, model.InitState(1), Options{Batch: batch})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		for range 3 {
			before := dev.Submissions()
			if _, err := p.Logits(context.Background(), nntest.First(images, batch)); err != nil {
				t.Fatal(err)
			}
			if n := dev.Submissions() - before; n != 1 {
				t.Errorf("batch %d: %d submissions, want 1", batch, n)
			}
		}
		if _, err := p.Start(nntest.First(golden.Images(), batch+1)); err == nil {
			t.Errorf("started %d images in a batch of %d", batch+1, batch)
		}
	}
}

// Other weights reach kernels that read copies of them.
func TestSetStatePacked(t *testing.T) {
	dev := enginetest.Open(t)
	images := nntest.First(golden.Images(), 5)
	var logits [2][]float32
	for i, packed := range []bool{false, true} {
		network := nntest.Convolutions(t, packed)
		p, err := New(dev, network, network.InitState(1), Options{Batch: 4, Tilings: nntest.WithoutGPU(dev.Adapter())})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		if err := p.SetState(network.InitState(2)); err != nil {
			t.Fatal(err)
		}
		if logits[i], err = p.Logits(context.Background(), images); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(logits[0], logits[1]) {
		t.Errorf("got %v, want %v", logits[1], logits[0])
	}
}

// A prediction runs the folded network. Its logits are those of the network in evaluation, also after other
// weights came.
func TestPredictFolds(t *testing.T) {
	dev, network, images := enginetest.Open(t), nntest.Reference(t, reference.BatchNorm), nntest.First(golden.Images(), 5)
	p, err := New(dev, network, network.InitState(1), Options{Batch: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	for _, d := range p.program.Plan() {
		if d.Kernel.File == "batch_norm2d" {
			t.Errorf("a prediction runs %v", d.Kernel)
		}
	}
	state := reference.State(network)
	for i, p := range network.Params() {
		if p.Init.Scheme == nn.Constant {
			for k := range state[i].Data {
				state[i].Data[k] += 0.1 + float32(k)/40
			}
		}
	}
	if err := p.SetState(state); err != nil {
		t.Fatal(err)
	}
	got, err := p.Logits(context.Background(), images)
	if err != nil {
		t.Fatal(err)
	}
	folded, weights := nn.Fold(network, state)
	want, err := Logits(context.Background(), dev, folded, weights, images, Options{Batch: 4})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v, %v", got, want, err)
	}
	if err := p.SetState(weights); err == nil {
		t.Error("a predictor took the weights of the folded network")
	}
}
