package train_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
	"wgpucnn/shaders"
	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden"
)

// gain is a layer that no other file knows: y = w x, with one weight for each channel. It
// counts the rows that it was trained on in a parameter that no optimiser changes.
type gain struct {
	Channels int `json:"channels"`
}

func init() { nn.Register(gain{}, "gain") }

func (l gain) String() string { return fmt.Sprintf("gain(channels=%d)", l.Channels) }

func (l gain) OutShape(in ...nn.Shape) (nn.Shape, error) {
	if len(in) != 1 || len(in[0]) != 3 || in[0][0] != l.Channels {
		return nil, fmt.Errorf("%v: inputs %v: %w", l, in, nn.ErrShape)
	}
	return in[0], nil
}

func (l gain) Params() []nn.Param {
	return []nn.Param{
		{Name: "weight", Shape: nn.Shape{l.Channels}, Init: nn.Init{Scheme: nn.Constant, Value: 1}},
		{Name: "rows", Shape: nn.Shape{1}, Init: nn.Init{Scheme: nn.Constant}, Untrained: true},
	}
}

func (l gain) MultiplyAdds(in nn.Shape) int { return in.Size() }

func (l gain) Splits(*nn.Node) int { return 1 }

const gainText = `
#import rows

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
@group(0) @binding(5) var<storage, read_write> dw: array<f32>;
@group(0) @binding(6) var<storage, read> counter: array<u32>;
@group(0) @binding(7) var<storage, read_write> trained: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * WORKGROUP + lane;
  if i < N * C * SIZE {
    y[i] = w[i / SIZE % C] * x[i];
  }
}

@compute @workgroup_size(1)
fn count_rows() {
  trained[0] += f32(rows(counter[0], N, COUNT));
}

@compute @workgroup_size(WORKGROUP)
fn backward_input(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * WORKGROUP + lane;
  if i < N * C * SIZE {
    dx[i] = w[i / SIZE % C] * dy[i];
  }
}

@compute @workgroup_size(1)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>) {
  var sum = 0.0;
  for (var n = 0u; n < N; n++) {
    for (var i = 0u; i < SIZE; i++) {
      let at = (n * C + group.x) * SIZE + i;
      sum += x[at] * dy[at];
    }
  }
  dw[group.x] = sum;
}
`

func (l gain) dispatch(n *nn.Node, entry string, s nn.Step, workgroups [3]int, bindings ...engine.Binding) engine.Dispatch {
	constants := append(s.Constants(), shaders.Constants{{Name: "C", Value: l.Channels}, {Name: "SIZE", Value: n.In[1] * n.In[2]}, {Name: "WORKGROUP", Value: 64}}...)
	d := nn.Dispatch("gain", entry, constants, workgroups, 0, bindings...)
	d.Kernel.Text = gainText
	return d
}

func (l gain) Forward(n *nn.Node, s nn.Step) engine.Plan {
	_, workgroups := nn.Elements(n.Batch * n.In.Size())
	plan := engine.Plan{l.dispatch(n, "forward", s, workgroups,
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "w", View: n.Weights[0]}, engine.Binding{Name: "y", View: n.Y})}
	if s.Training {
		plan = append(plan, l.dispatch(n, "count_rows", s, [3]int{1, 1, 1}, s.Counter(), engine.Binding{Name: "trained", View: n.Weights[1]}))
	}
	return plan
}

func (l gain) Backward(n *nn.Node, s nn.Step) engine.Plan {
	plan := engine.Plan{l.dispatch(n, "backward_weight", s, [3]int{l.Channels, 1, 1},
		engine.Binding{Name: "x", View: n.X[0]}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dw", View: n.Grads[0].View})}
	if n.DX[0].Buffer == nil {
		return plan
	}
	_, workgroups := nn.Elements(n.Batch * n.In.Size())
	return append(plan, l.dispatch(n, "backward_input", s, workgroups,
		engine.Binding{Name: "w", View: n.Weights[0]}, engine.Binding{Name: "dy", View: n.DY}, engine.Binding{Name: "dx", View: n.DX[0]}))
}

func (l gain) Twin(in nn.Shape, batch int) ref.Twin {
	size := in[1] * in[2]
	return ref.Twin{Forward: func(x, params [][]float64) []float64 {
		y := make([]float64, len(x[0]))
		for i, v := range x[0] {
			y[i] = params[0][i/size%l.Channels] * v
		}
		return y
	}}
}

// A layer that stands in this file alone is trained, saved, loaded and resumed. It knows
// training from evaluation and how many rows of a batch are real.
func TestToyLayer(t *testing.T) {
	dev := enginetest.Open(t)
	network := nntest.Sequential(t, nn.Conv2d{In: 3, Out: 4, Kernel: 4, Stride: 4}, nn.ReLU{}, gain{Channels: 4},
		nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 16, Out: 3})
	const rows, epochs = 9, 6 // batches of 4, 4 and 1
	data := nntest.Data(rows, 5)
	options := train.Options{Batch: 4, Seed: 1}
	run := func(o train.Options, epochs int) (*modelfile.Checkpoint, []stats.Epoch) {
		trainer, err := train.New(dev, network, data, nntest.LabSGD, o)
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Release()
		var figures []stats.Epoch
		if err := trainer.Train(context.Background(), epochs, train.Observer{Epoch: func(s stats.Epoch) { figures = append(figures, s) }}); err != nil {
			t.Fatal(err)
		}
		c, err := trainer.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		c.Model.ClassNames = data.Classes
		return c, figures
	}
	whole, figures := run(options, epochs)
	if first, last := figures[0].TrainLoss.Mean, figures[epochs-1].TrainLoss.Mean; !(last < first) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	weight, seen := whole.Model.State[2], whole.Model.State[3]
	if weight.Name != "gain1.weight" || seen.Name != "gain1.rows" {
		t.Fatalf("parameters %s and %s", weight.Name, seen.Name)
	}
	for i, v := range weight.Data {
		if v == 1 || math.IsNaN(float64(v)) {
			t.Errorf("%s[%d] is %v after %d epochs", weight.Name, i, v, epochs)
		}
	}
	if seen.Data[0] != rows*epochs {
		t.Errorf("%v rows were trained on, want %d", seen.Data[0], rows*epochs)
	}
	if len(whole.Slots["momentum_buffer"]) != len(whole.Model.State)-1 {
		t.Errorf("the optimiser keeps state of %d tensors, want of all %d but %s", len(whole.Slots["momentum_buffer"]), len(whole.Model.State), seen.Name)
	}

	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := whole.Model.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := modelfile.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(loaded.State, whole.Model.State) || !reflect.DeepEqual(loaded.Network, network) {
		t.Error("the file holds another model")
	}
	images := nntest.First(golden.Images(), 5)
	got, err := predict.Logits(context.Background(), dev, loaded.Network, loaded.State, images, predict.Options{Batch: 5})
	if err != nil {
		t.Fatal(err)
	}
	for i := range loaded.State[2].Data {
		loaded.State[2].Data[i] = 0
	}
	silent, err := predict.Logits(context.Background(), dev, loaded.Network, loaded.State, images, predict.Options{Batch: 5})
	if err != nil || reflect.DeepEqual(got, silent) {
		t.Errorf("a gain of 0 gives the same logits %v, %v", silent, err)
	}

	half, _ := run(options, epochs/2)
	file, err := half.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if half, err = modelfile.UnmarshalCheckpoint(file); err != nil {
		t.Fatal(err)
	}
	options.Resume = half
	resumed, _ := run(options, epochs/2)
	if !reflect.DeepEqual(resumed.Model.State, whole.Model.State) || !reflect.DeepEqual(resumed.Slots, whole.Slots) {
		t.Error("a resumed training came to other weights")
	}
}
