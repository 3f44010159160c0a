package layout

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
)

// gpuTilings are tilings of the GPU family with small kernels.
var gpuTilings = nn.Tilings{Default: nn.Tiling{
	Workgroup: 8, Run: 4, Rows: 1, Tile: 2, WeightOut: 1, WeightIn: 1, Workgroups: 1, Splits: 4, Memory: 4 << 10,
	GPU: nn.GPUTiling{
		Pixels: 16, Run: 4, Channels: 8, Quads: 1, Chunk: 2, Split: 1,
		WeightOut: 8, WeightIn: 2, WeightSplit: 2, Parts: 3, Invocations: 1 << 12, Memory: 16 << 10,
	},
}}

// weightsOf returns the last dispatches of a step, from the first one that computes the gradients of a
// convolution's parameters, alone or together with others.
func weightsOf(plan engine.Plan) []string {
	lines := trace(plan)
	return lines[slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "weight") && !strings.HasPrefix(line, "linear") }):]
}

// On GPUs the weight gradients of several layers are one dispatch at the end of a step, as far as
// they fit eight storage buffers: two for each layer, and the parts.
func TestWeightsPlan(t *testing.T) {
	conv := nn.Conv2d{In: 2, Out: 2, Kernel: 3, Padding: 1}
	for _, c := range []struct {
		layers []nn.Layer // behind a convolution
		want   []string
	}{
		{nil, []string{"merged.weights_linear1_conv1 features dlogits x dconv1"}},
		{[]nn.Layer{conv}, []string{"merged.weights_linear1_conv2_conv1 features dlogits conv1 dconv2 x dconv1"}},
		{[]nn.Layer{conv, conv, conv}, []string{
			"merged.weights_linear1_conv4_conv3 features dlogits conv3 dconv4 conv2 dconv3", "merged.weights_conv2_conv1 conv1 dconv2 x dconv1",
		}},
		{[]nn.Layer{nn.Residual([]nn.Layer{conv}, []nn.Layer{conv})}, []string{"merged.weights_linear1_conv3_conv2_conv1 features dlogits conv1 dadd1 x dconv1"}}, // two of one input and one dy
		{[]nn.Layer{nn.Conv2d{In: 2, Out: 2, Kernel: 3, Padding: 1, Groups: 2}}, []string{"merged.weights_linear1_conv2_conv1 features dlogits conv1 dconv2 x dconv1"}},
	} {
		layers := append([]nn.Layer{nn.Conv2d{In: 3, Out: 2, Kernel: 1}}, c.layers...)
		network := newTestModel(t, nn.Shape{4, 4, 3}, append(layers, nn.Flatten{}, nn.Linear{In: 32, Out: 3})...)
		l := New(network, 2, gpuTilings, true, true)
		compare(t, "weights", weightsOf(l.Gradients(NewTally("train", nn.NewSource("train", network.In, 4, 2, 1, 0), 1))), c.want)
	}
}

// A window that the GPU family does not take keeps its own dispatch, and splits what could be merged.
func TestWeightsOfTwoFamilies(t *testing.T) {
	network := newTestModel(t, nn.Shape{13, 13, 3}, nn.Conv2d{In: 3, Out: 2, Kernel: 1}, nn.Conv2d{In: 2, Out: 2, Kernel: 13, Padding: 6}, nn.Flatten{}, nn.Linear{In: 338, Out: 3})
	l := New(network, 2, gpuTilings, true, true)
	compare(t, "weights", weightsOf(l.Gradients(NewTally("train", nn.NewSource("train", network.In, 4, 2, 1, 0), 1))), []string{
		"conv2d.backward_weight conv1 dconv2", "conv2d_gpu_weight.backward_weight x dconv1",
	})
}

// Merged or not, the parts of the gradients are the same to the last bit.
func TestMergedWeightsAreTheSame(t *testing.T) {
	dev := enginetest.Open(t)
	network := newTestModel(t, nn.Shape{12, 12, 3}, nn.Conv2d{In: 3, Out: 10, Kernel: 5, Stride: 2, Padding: 2}, nn.ReLU{}, nn.Conv2d{In: 10, Out: 6, Kernel: 3, Padding: 1, Groups: 2}, nn.Flatten{}, nn.Linear{In: 216, Out: 3})
	l := New(network, 5, gpuTilings, true, true)
	var weights []weight
	for _, n := range slices.Backward(l.nodes) {
		weights = append(weights, weight{n, n.Layer.(nn.Operation).Backward(n, nn.Step{})[0]})
	}
	merged, err := mergeAll(weights)
	if err != nil {
		t.Fatal(err)
	}
	var alone engine.Plan
	for i, w := range weights {
		alone = append(alone, w.dispatch)
		for _, b := range w.dispatch.Bindings[:2] {
			fill(b.View.Buffer, i)
		}
	}
	got, want := run(t, dev, engine.Plan{merged}, l.Parts), run(t, dev, alone, l.Parts)
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("at %d of %d: got %v, want %v", i, len(want), got[i], want[i])
		}
	}
	if slices.Max(want) == 0 {
		t.Error("the dispatches computed nothing")
	}
}

// fill gives a buffer first contents of both signs.
func fill(b *engine.Buffer, seed int) {
	values := make([]float32, b.Size()/4)
	for i := range values {
		values[i] = float32((i*7919+seed*104729)%2003)/1001 - 1
	}
	b.Contents = engine.Bytes(values)
}

// run runs a plan with new memory and returns what it leaves in a buffer.
func run(t *testing.T, dev *engine.Device, plan engine.Plan, b *engine.Buffer) []float32 {
	t.Helper()
	program, err := dev.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Release(program.Buffers()...)
	defer program.Release()
	recorder := dev.NewRecorder()
	recorder.Run(program)
	values := make([]float32, b.Size()/4)
	recorder.Read(b.All(), engine.Bytes(values))
	pending, err := recorder.Submit()
	if err == nil {
		err = pending.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	return values
}
