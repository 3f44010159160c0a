package tune

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
)

func newTestLab(t *testing.T, dev *engine.Device, variants ...string) *Lab {
	t.Helper()
	lab, err := NewLab(context.Background(), dev, variants, 3)
	if err != nil {
		t.Fatal(err)
	}
	return lab
}

// small is a tiling that every adapter runs.
var small = nn.Tiling{Workgroup: 8, Run: 2, Rows: 1, Tile: 2, WeightOut: 1, WeightIn: 1, Workgroups: 4, Splits: 2}

// smallGPU is the same for the GPU family.
var smallGPU = nn.Tiling{Workgroup: 8, Run: 2, Rows: 1, Tile: 2, WeightOut: 1, WeightIn: 1, Workgroups: 4, Splits: 2, GPU: nn.GPUTiling{
	Pixels: 16, Run: 4, Channels: 4, Quads: 1, Chunk: 1, Split: 1, WeightOut: 8, WeightIn: 2, WeightSplit: 2, Parts: 2, Invocations: 1 << 12, Memory: 16 << 10,
}}

// gpuTiling is the default of GPUs on an adapter, within its limits.
func gpuTiling(dev *engine.Device) nn.Tiling {
	return nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: dev.Adapter().Limits})
}

// The variants share most dispatches. The first convolution has no gradient of its input. On GPUs it
// gathers its own input. Each dispatch stands by itself, even if training goes image by image.
func TestLabDispatches(t *testing.T) {
	dev := enginetest.Open(t)
	images := gpuTiling(dev)
	images.GPU.ImageMemory = 48 << 10
	for want, start := range map[string]nn.Tiling{
		`base conv1 forward: conv2d
base conv1 backward_weight: conv2d
base conv2 forward: conv2d
base conv2 backward_weight: conv2d
base conv2 backward_input: conv2d
stride conv2 forward: conv2d
stride conv2 backward_weight: conv2d
stride conv2 backward_input: conv2d
`: good,
		`base conv1 forward: conv2d_gpu_first
base conv1 backward_weight: conv2d_gpu_weight
base conv2 forward: conv2d_gpu_forward
base conv2 backward_weight: conv2d_gpu_weight
base conv2 backward_input: conv2d_gpu_input
stride conv2 forward: conv2d_gpu_forward
stride conv2 backward_weight: conv2d_gpu_weight
stride conv2 backward_input: conv2d_gpu_input
`: images,
	} {
		got := ""
		for _, d := range newTestLab(t, dev, nn.Poolings...).Dispatches(start) {
			got += fmt.Sprintf("%s: %s\n", d.Name(), d.Kernel)
		}
		if got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
	if _, err := NewLab(context.Background(), dev, []string{"median"}, 3); err == nil {
		t.Error("made a lab of no variant")
	}
}

// Each dispatch of either family runs, is told from one of another tiling, and is refused if it
// computes something else than the first one. All tilings compute the same.
func TestLabDispatch(t *testing.T) {
	dev := enginetest.Open(t)
	for start, other := range map[nn.Tiling]nn.Tiling{good: small, gpuTiling(dev): smallGPU} {
		lab := newTestLab(t, dev, "stride")
		for _, d := range lab.Dispatches(start) {
			for _, tiling := range []nn.Tiling{start, other, other} {
				timed, err := lab.Dispatch(d, tiling)
				if err != nil {
					t.Fatal(err)
				}
				if took, err := timed.Time(); took <= 0 || err != nil {
					t.Errorf("%v took %v, %v", d, took, err)
				}
				timed.Release()
			}
			for i, values := range lab.first[d.Key].values {
				kept := values[1]
				values[1] += 1e-2 * (1 + math.Abs(kept))
				if _, err := lab.Dispatch(d, other); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("tune: %s: output %d: worst at index 1 ", d.Name(), i+1)) {
					t.Errorf("%v with another output %d: got %v", d, i+1, err)
				}
				values[1] = kept
			}
		}
	}
}

// A dispatch has a key for each kernel. A tiling that the adapter cannot run has none, and neither
// has one that falls back to the other family.
func TestLabKey(t *testing.T) {
	dev := enginetest.Open(t)
	lab := newTestLab(t, dev, "stride")
	start := gpuTiling(dev)
	for _, d := range lab.Dispatches(start) {
		first, err := lab.Key(d, start)
		if again, _ := lab.Key(d, start); err != nil || again != first {
			t.Errorf("%s: got %q and then %q, %v", d.Name(), first, again, err)
		}
		if other, err := lab.Key(d, smallGPU); err != nil || other == first {
			t.Errorf("%s: got %q with another tiling, %v", d.Name(), other, err)
		}
		rows := start
		rows.Rows = 0
		for want, tiling := range map[string]nn.Tiling{"rows of 0": rows, "the tiling does not fit " + d.Kernel: small} {
			if _, err := lab.Key(d, tiling); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", d.Name(), err, want)
			}
			if _, err := lab.Dispatch(d, tiling); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: made a dispatch, %v; want %q", d.Name(), err, want)
			}
		}
	}
}

// A value that nobody writes is a difference, and so is a missing part.
func TestSameOutputs(t *testing.T) {
	want := [][]float64{{1, -200, 0}}
	for _, c := range []struct {
		got  []float64
		same bool
	}{
		{[]float64{1.01, -200, 0.01}, true},
		{[]float64{1.03, -200, 0}, false},
		{[]float64{1, -200, math.NaN()}, false},
		{[]float64{1, -200}, false},
	} {
		if err := sameOutputs([][]float64{c.got}, want); (err == nil) != c.same {
			t.Errorf("%v: got %v", c.got, err)
		}
	}
}

// A step has the tilings of its dispatches, and is refused if its losses are others than those of
// the first step.
func TestLabStep(t *testing.T) {
	dev := enginetest.Open(t)
	lab := newTestLab(t, dev, "stride")
	own := nn.Tilings{Default: nn.TilingFor(dev.Adapter())}
	tuned := nn.Tilings{Default: own.Default, Of: nn.TilingsByKey{lab.Dispatches(own.Default)[0].Key: small}}
	plans := map[string]bool{}
	for _, tilings := range []nn.Tilings{own, tuned} {
		step, err := lab.Step("stride", tilings)
		if err != nil {
			t.Fatal(err)
		}
		if took, err := step.Time(); took <= 0 || err != nil {
			t.Errorf("took %v, %v", took, err)
		}
		plan := ""
		for _, d := range step.(*repeated).program.Plan() {
			plan += fmt.Sprintln(d.Kernel, d.Kernel.Constants)
		}
		plans[plan] = true
		step.Release()
	}
	if len(plans) != 2 {
		t.Error("the tiling of a dispatch does not change the step")
	}
	lab.first["stride"].values[0][2] *= 1.01
	if _, err := lab.Step("stride", tuned); err == nil || !strings.Contains(err.Error(), "tune: step of stride: losses: ") {
		t.Errorf("with other losses: got %v", err)
	}
}

// What a search tries changes the kernel or its workgroups for some dispatch: a kernel reads each of
// its fields, and no other of its family.
func TestFieldsAreRead(t *testing.T) {
	dev := enginetest.Open(t)
	lab, err := NewLab(context.Background(), dev, []string{"base"}, 128)
	if err != nil {
		t.Fatal(err)
	}
	few, large := good, gpuTiling(dev)
	few.Workgroups = 4 // else tiles are cut to have workgroups enough
	large.GPU.Invocations, large.GPU.Memory = 8<<10, 32<<10
	for _, c := range []struct {
		family []field
		starts []nn.Tiling
	}{{generalFields, []nn.Tiling{good, few}}, {gpuFields, []nn.Tiling{gpuTiling(dev), large}}} {
		read := map[string]map[string]bool{}
		for _, start := range c.starts {
			for _, d := range lab.Dispatches(start) {
				own, err := lab.Key(d, start)
				if err != nil {
					t.Fatal(err)
				}
				if read[d.Entry] == nil {
					read[d.Entry] = map[string]bool{}
				}
				for _, f := range c.family {
					for _, value := range f.values {
						tiling := start
						*f.of(&tiling) = value
						key, err := lab.Key(d, tiling)
						read[d.Entry][f.name] = read[d.Entry][f.name] || err == nil && key != own
					}
				}
			}
		}
		for entry, names := range read {
			want := map[string]bool{}
			for _, f := range c.family {
				want[f.name] = want[f.name] || slices.Contains(f.entries, entry)
			}
			if !maps.Equal(names, want) {
				t.Errorf("%s: reads %v, want %v", entry, names, want)
			}
		}
	}
}
