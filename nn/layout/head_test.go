package layout

import (
	"fmt"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

// testHead returns the head of a pool, or of none, and a Linear behind maps of that shape on a GPU.
func testHead(t *testing.T, pool nn.Layer, maps nn.Shape, classes int) *Head {
	t.Helper()
	h := &Head{}
	features := maps
	if pool != nil {
		var err error
		if features, err = pool.OutShape(maps); err != nil {
			t.Fatal(err)
		}
		h.Pool = &nn.Node{Module: nn.Module{Layer: pool, In: maps, Out: features}}
	}
	in, out := nn.Shape{features.Size()}, nn.Shape{classes}
	h.Linear = &nn.Node{Module: nn.Module{Layer: nn.Linear{In: in[0], Out: classes}, In: in, Out: out}, Tilings: gpu}
	return h
}

// Whatever the shapes, a head on a GPU stays within WebGPU's default limits and has no small
// workgroup. Neighbouring maps that are staged begin in different banks.
func TestHeadCut(t *testing.T) {
	for _, channels := range []int{1, 3, 64, 512, 2048} {
		for _, size := range []int{1, 2, 7, 8, 33, 64, 70} {
			for _, classes := range []int{1, 3, 10, 100, 1000, 1500} {
				for _, pool := range []nn.Layer{nil, nn.AvgPool2d{Kernel: 1}, nn.AdaptiveMaxPool2d{Out: 1}} {
					h := testHead(t, pool, nn.Shape{channels, size, size}, classes)
					name := fmt.Sprintf("%v of %d maps of %d x %d, %d classes", pool, channels, size, size, classes)
					c, fits := h.cut()
					if fits != (h.Storage() <= 16<<10) {
						t.Errorf("%s: %d bytes of workgroup memory, a head: %v", name, h.Storage(), fits)
					}
					if c.workgroup < 64 || c.workgroup > 256 {
						t.Errorf("%s: a workgroup of %d", name, c.workgroup)
					}
					if c.chunk > 0 && (c.pitch%2 == 0 || c.pitch < size*size || c.chunk > channels) {
						t.Errorf("%s: %d maps are staged, each of %d values", name, c.chunk, c.pitch)
					}
				}
			}
		}
	}
}

// The memory of a head is what the engine adds up.
func TestHeadStorage(t *testing.T) {
	for _, pool := range []nn.Layer{nil, nn.AvgPool2d{Kernel: 4}, nn.MaxPool2d{Kernel: 3}} {
		h := testHead(t, pool, nn.Shape{7, 9, 9}, 5)
		for range 2 {
			h.Linear.Weights = append(h.Linear.Weights, engine.View{})
		}
		source, err := shaders.Load("head")
		if err != nil {
			t.Fatal(err)
		}
		text, err := source.Specialise("logits", h.constants(nil, false))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := shaders.WorkgroupOf(text); err != nil || got.Memory != h.Storage() {
			t.Errorf("%v: the kernel takes %d bytes, %v; want %d", pool, got.Memory, err, h.Storage())
		}
	}
}

// The cuts of the lab's heads, of a map that is too large to be staged, and of more classes than a
// workgroup has memory for.
func TestHeadCuts(t *testing.T) {
	for _, c := range []struct {
		pool    nn.Layer
		maps    nn.Shape
		classes int
		want    headCut
		fits    bool
	}{
		{nn.AvgPool2d{Kernel: 4}, nn.Shape{64, 8, 8}, 3, headCut{workgroup: 256, parts: 32, chunk: 32, pitch: 65}, true},
		{nil, nn.Shape{64, 4, 4}, 3, headCut{workgroup: 256, parts: 32, pitch: 1}, true},
		{nn.AdaptiveMaxPool2d{Out: 1}, nn.Shape{64, 8, 8}, 3, headCut{workgroup: 256, parts: 32, chunk: 32, pitch: 65}, true},
		{nn.AvgPool2d{Kernel: 2}, nn.Shape{8, 2, 2}, 2, headCut{workgroup: 64, parts: 32, chunk: 8, pitch: 5}, true},
		{nn.AvgPool2d{Kernel: 2}, nn.Shape{8, 2, 2}, 100, headCut{workgroup: 256, parts: 8, chunk: 8, pitch: 5}, true},
		{nn.AdaptiveAvgPool2d{Out: 1}, nn.Shape{2, 70, 70}, 3, headCut{workgroup: 256, parts: 32, pitch: 4900}, true},
		{nil, nn.Shape{3800, 1, 1}, 32, headCut{workgroup: 256, parts: 8, pitch: 1}, true},
		{nil, nn.Shape{1000, 1, 1}, 2000, headCut{workgroup: 256, parts: 1, pitch: 1}, false},
	} {
		if got, fits := testHead(t, c.pool, c.maps, c.classes).cut(); got != c.want || fits != c.fits {
			t.Errorf("%v of %v, %d classes: got %+v, %v, want %+v, %v", c.pool, c.maps, c.classes, got, fits, c.want, c.fits)
		}
	}
}
