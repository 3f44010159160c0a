package nn

import (
	"testing"

	"wgpucnn/engine"
)

// largeGPU is a tiling for a GPU with 48 KiB of workgroup memory.
var largeGPU = GPUTiling{
	Pixels: 64, Run: 8, Channels: 64, Quads: 1, Chunk: 8, Split: 2,
	WeightOut: 64, WeightIn: 64, WeightSplit: 2, Parts: 128, Invocations: 1 << 15, Memory: 48 << 10,
}

func weightNode(t *testing.T, l Conv2d, in Shape, batch int, g GPUTiling) *Node {
	t.Helper()
	out, err := l.OutShape(in)
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{Module: Module{Layer: l, In: in, Out: out}, Tilings: Tilings{Default: Tiling{GPU: g, Run: 8, Workgroup: 8, Tile: 1, WeightOut: 1, WeightIn: 1}}, Batch: batch}
	n.X, n.DX, n.DY = []engine.View{engine.NewBuffer("x", 4*batch*in.Size()).All()}, make([]engine.View, 1), engine.NewBuffer("dy", 4*batch*out.Size()).All()
	parts := engine.NewBuffer("parts", 0)
	splits := l.Splits(n)
	for _, p := range l.Params() {
		n.Grads = append(n.Grads, Grad{parts.Reserve(4 * splits * p.Shape.Size()), splits})
	}
	return n
}

// The invocations of a workgroup all work, whatever the window.
func TestWeightTile(t *testing.T) {
	for _, c := range []struct {
		layer                                 Conv2d
		in                                    Shape
		groups, inputs, own, split, runs, all int // all: workgroups
	}{
		{Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, Shape{32, 8, 8}, 16, 8, 3, 2, 8, 4 * 32},
		{Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, Shape{3, 32, 32}, 8, 3, 1, 2, 8, 128},
		{Conv2d{In: 64, Out: 64, Kernel: 1}, Shape{64, 16, 16}, 16, 64, 8, 2, 8, 128},
		{Conv2d{In: 64, Out: 64, Kernel: 3, Padding: 1}, Shape{64, 32, 32}, 16, 8, 3, 2, 8, 8 * 16},
		{Conv2d{In: 10, Out: 96, Kernel: 3, Padding: 1}, Shape{10, 7, 7}, 12, 10, 3, 2, 7, 2 * 64}, // two equal blocks of output channels
		{Conv2d{In: 1, Out: 4, Kernel: 3, Padding: 1}, Shape{1, 8, 8}, 1, 1, 3, 8, 8, 128},
		{Conv2d{In: 128, Out: 256, Kernel: 11, Padding: 5}, Shape{128, 8, 8}, 16, 1, 1, 1, 8, 128 * 4},
	} {
		n := weightNode(t, c.layer, c.in, 128, largeGPU)
		w, ok := c.layer.weightTile(n)
		got := [6]int{w.groups, w.inputs, w.own, w.split, w.tileRuns(), w.blocks * n.Grads[0].Splits}
		if want := [6]int{c.groups, c.inputs, c.own, c.split, c.runs, c.all}; !ok || got != want {
			t.Errorf("%v: groups, inputs, own, split, runs, workgroups: got %v, %v; want %v", c.layer, got, ok, want)
		}
	}
}

// A workgroup takes no more than the tiling's memory and WebGPU's default of invocations, and no
// part is empty.
func TestWeightTileMemory(t *testing.T) {
	for _, memory := range []int{1 << 10, 16 << 10, 32 << 10} {
		for kernel := 1; kernel <= widestGPUWindow; kernel++ {
			for _, channels := range [][2]int{{1, 1}, {3, 64}, {70, 9}, {2048, 1000}} {
				for _, size := range []int{kernel, kernel + 9, 512} {
					for _, stride := range []int{1, 2, 7, 100} {
						g := largeGPU
						g.Memory = memory
						l := Conv2d{In: channels[0], Out: channels[1], Kernel: kernel, Stride: stride}
						n := weightNode(t, l, Shape{channels[0], size, size}, 9, g)
						w, ok := l.weightTile(n)
						part := CeilDiv(w.tiles, n.Grads[0].Splits)
						if !ok || w.memory() > memory || w.groups*w.lineGroups*w.split > mostGPUWorkgroup || w.outputs()*w.biasShares > mostGPUWorkgroup || (n.Grads[0].Splits-1)*part >= w.tiles {
							t.Fatalf("%v of %d x %d in %d bytes: %+v takes %d bytes, %d parts; ok %v", l, size, size, memory, w, w.memory(), n.Grads[0].Splits, ok)
						}
					}
				}
			}
		}
	}
}

// What the GPU family does not take, the general kernel does.
func TestWeightFamily(t *testing.T) {
	for _, c := range []struct {
		kernel int
		tiling GPUTiling
		want   string
	}{
		{3, GPUTiling{}, "conv2d.backward_weight"},
		{3, largeGPU, "conv2d_gpu_weight.backward_weight"},
		{widestGPUWindow, largeGPU, "conv2d_gpu_weight.backward_weight"},
		{widestGPUWindow + 1, largeGPU, "conv2d.backward_weight"},
	} {
		l := Conv2d{In: 2, Out: 3, Kernel: c.kernel}
		n := weightNode(t, l, Shape{2, 16, 16}, 4, c.tiling)
		if got := l.Backward(n, Step{})[0].Kernel.String(); got != c.want {
			t.Errorf("window of %d: %s, want %s", c.kernel, got, c.want)
		}
	}
}

// A dispatch binds the whole buffer of the parts, and counts what it writes there.
func TestWeightBytes(t *testing.T) {
	l := Conv2d{In: 2, Out: 3, Kernel: 3}
	n := weightNode(t, l, Shape{2, 8, 8}, 4, largeGPU)
	n.Grads[0].View.Buffer.Reserve(1 << 20) // of other layers
	d := l.weights(n)
	if want := n.X[0].Size + n.DY.Size + n.Grads[0].View.Size + n.Grads[1].View.Size; d.Bytes != want {
		t.Errorf("%d bytes, want %d", d.Bytes, want)
	}
}
