package layout

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/shaders"
)

// largeGPU are the tilings of a GPU with the limits of large cards.
var largeGPU = nn.Tilings{Default: nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Backend: "Vulkan", Limits: engine.Limits{WorkgroupStorage: 48 << 10, StorageBuffers: 16}})}

// stepOf returns the dispatches of a training step.
func stepOf(t *testing.T, l *Layout) engine.Plan {
	t.Helper()
	tally := NewTally("train", nn.NewSource("train", l.Network.In, 1500, l.Batch, 2, 0), 2)
	update, err := NewUpdate(l, nntest.LabSGD, tally)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(l.Gather(tally.Step(true)), l.Gradients(tally), update.ReduceUpdate())
}

// workgroupOf returns what a workgroup of a dispatch takes.
func workgroupOf(t *testing.T, d engine.Dispatch) shaders.Workgroup {
	t.Helper()
	source, err := d.Kernel.Source()
	if err != nil {
		t.Fatal(err)
	}
	text, err := source.Specialise(d.Kernel.Entry, d.Kernel.Constants)
	if err != nil {
		t.Fatal(err)
	}
	w, err := shaders.WorkgroupOf(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// On a GPU with large limits a whole step of a lab model has three dispatches. The first one takes the
// memory that its layout counted, and no more than the tiling's.
func TestImageStepPlan(t *testing.T) {
	for _, pooling := range nn.Poolings {
		network, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3})
		if err != nil {
			t.Fatal(err)
		}
		l := New(network, 128, largeGPU, true, true)
		plan := stepOf(t, l)
		if len(plan) != 3 || plan[0].Kernel.File != "image_step" || plan[1].Kernel.File != shaders.Merged || plan[2].Kernel.File != "sgd" {
			t.Fatalf("%s: %d dispatches, want image_step, the weight gradients, sgd\n%v", pooling, len(plan), plan)
		}
		w := workgroupOf(t, plan[0])
		if w.Invocations != 256 || w.Memory != l.image.storage() || w.Memory > 48<<10 || len(plan[0].Bindings) != nn.ImageStepBuffers {
			t.Errorf("%s: %d invocations, %d bytes of workgroup memory, %d bindings; the layout counts %d bytes", pooling, w.Invocations, w.Memory, len(plan[0].Bindings), l.image.storage())
		}
	}
}

// A network has an image step exactly if the kernel fits the tiling's memory: the small network of the
// trainings does within 32 KiB, which software adapters have, and the lab's do not.
func TestImageStepFits(t *testing.T) {
	for name, want := range map[string]bool{reference.Small: true, "base": false, "stride": false, reference.Residual: false} {
		network, err := reference.Network(name)
		if err != nil {
			t.Fatal(err)
		}
		tilings := largeGPU
		tilings.Default.GPU.ImageMemory = 32 << 10
		image := New(network, 128, tilings, true, true).image
		if (image != nil) != want {
			t.Errorf("%s: an image step: %v, want %v", name, !want, want)
		}
		if image == nil {
			continue
		}
		tilings.Default.GPU.ImageMemory = image.storage()
		least := New(network, 128, tilings, true, true).image
		if least == nil {
			t.Fatalf("%s: no image step in the %d bytes that one takes", name, image.storage())
		}
		for least != nil {
			tilings.Default.GPU.ImageMemory = least.storage() - 1
			if least = New(network, 128, tilings, true, true).image; least != nil && least.storage() > tilings.Default.GPU.ImageMemory {
				t.Errorf("%s: an image step of %d bytes in %d", name, least.storage(), tilings.Default.GPU.ImageMemory)
			}
		}
	}
}

// An evaluation and a prediction have the kernels that they have without an image step, and so has a
// network of another form or size.
func TestNoImageStep(t *testing.T) {
	conv := func(in, out int) nn.Layer { return nn.Conv2d{In: in, Out: out, Kernel: 3, Padding: 1} }
	small := []nn.Layer{conv(3, 4), nn.ReLU{}, conv(4, 5), nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 320, Out: 3}}
	for _, c := range []struct {
		label   string
		layers  []nn.Layer
		tilings nn.Tilings
		want    bool
	}{
		{"small", small, largeGPU, true},
		{"default limits", small, gpu, false},
		{"a software adapter", small, software, false},
		{"one convolution", []nn.Layer{conv(3, 4), nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 256, Out: 3}}, largeGPU, false},
		{"no ReLU", []nn.Layer{conv(3, 4), conv(4, 5), nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 320, Out: 3}}, largeGPU, false},
		{"a pool between", []nn.Layer{conv(3, 4), nn.ReLU{}, nn.MaxPool2d{Kernel: 2}, conv(4, 5), nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 80, Out: 3}}, largeGPU, false},
		{"too many channels", []nn.Layer{conv(3, 128), nn.ReLU{}, conv(128, 5), nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 320, Out: 3}}, largeGPU, false},
		{"two linear layers", append(slices.Clone(small[:5]), nn.Linear{In: 320, Out: 3}, nn.ReLU{}, nn.Linear{In: 3, Out: 2}), largeGPU, false},
		{"a wide window", []nn.Layer{conv(3, 4), nn.ReLU{}, nn.Conv2d{In: 4, Out: 2, Kernel: 13, Padding: 6}, nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 128, Out: 3}}, largeGPU, false},
	} {
		network := newTestModel(t, nn.Shape{8, 8, 3}, c.layers...)
		l := New(network, 2, c.tilings, true, true)
		if got := strings.HasPrefix(trace(stepOf(t, l))[0], "image_step"); got != c.want {
			t.Errorf("%s: an image step: %v, want %v", c.label, got, c.want)
		}
		tally := NewTally("test", nn.NewSource("test", network.In, 4, 2, 1, 0), 1)
		got := append(l.Gather(tally.Step(false)), l.Evaluate(tally)...)
		c.tilings.Default.GPU.ImageMemory = 0
		l = New(network, 2, c.tilings, true, true)
		compare(t, c.label+": evaluation", trace(got), trace(append(l.Gather(tally.Step(false)), l.Evaluate(tally)...)))
	}
	network := newTestModel(t, nn.Shape{8, 8, 3}, small...)
	for _, l := range []*Layout{New(network, 2, largeGPU, false, true), New(network, 2, largeGPU, true, false)} {
		if l.image != nil {
			t.Error("an image step of a layout that is not fused, or has no gradients")
		}
	}
}
