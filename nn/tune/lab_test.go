package tune

import (
	"context"
	"fmt"
	"math"
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

// The variants share most dispatches. The first convolution has no gradient of its input.
func TestLabDispatches(t *testing.T) {
	dev := enginetest.Open(t)
	got := ""
	for _, d := range newTestLab(t, dev, nn.Poolings...).Dispatches() {
		got += fmt.Sprintln(d.Name())
	}
	want := `base conv1 forward
base conv1 backward_weight
base conv2 forward
base conv2 backward_weight
base conv2 backward_input
stride conv2 forward
stride conv2 backward_weight
stride conv2 backward_input
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if _, err := NewLab(context.Background(), dev, []string{"median"}, 3); err == nil {
		t.Error("made a lab of no variant")
	}
}

// Each dispatch runs, is told from one of another kernel, and is refused if it computes something
// else than the first one.
func TestLabDispatch(t *testing.T) {
	dev := enginetest.Open(t)
	lab := newTestLab(t, dev, "stride")
	for _, d := range lab.Dispatches() {
		keys, kernels := map[string]bool{}, 2
		tilings := []nn.Tiling{nn.TilingFor(dev.Adapter()), small, small}
		if d.Entry == weightEntry {
			tilings, kernels = append(tilings, smallGPU), 3
		}
		for _, tiling := range tilings {
			timed, err := lab.Dispatch(d, tiling)
			if err != nil {
				t.Fatal(err)
			}
			if took, err := timed.Time(); took <= 0 || err != nil {
				t.Errorf("%v took %v, %v", d, took, err)
			}
			keys[timed.Key()] = true
			timed.Release()
		}
		if len(keys) != kernels {
			t.Errorf("%v: %d distinct kernels, want %d", d, len(keys), kernels)
		}
		for i, values := range lab.first[d.Key].values {
			kept := values[1]
			values[1] += 1e-2 * (1 + math.Abs(kept))
			if _, err := lab.Dispatch(d, small); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("tune: %s: output %d: worst at index 1 ", d.Name(), i+1)) {
				t.Errorf("%v with another output %d: got %v", d, i+1, err)
			}
			values[1] = kept
		}
		rows := small
		rows.Rows = 0
		if _, err := lab.Dispatch(d, rows); err == nil {
			t.Errorf("%v: made a dispatch of 0 rows", d)
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
	tuned := nn.Tilings{Default: own.Default, Of: nn.TilingsByKey{lab.Dispatches()[0].Key: small}}
	keys := map[string]bool{}
	for _, tilings := range []nn.Tilings{own, tuned} {
		step, err := lab.Step("stride", tilings)
		if err != nil {
			t.Fatal(err)
		}
		if took, err := step.Time(); took <= 0 || err != nil {
			t.Errorf("took %v, %v", took, err)
		}
		keys[step.Key()] = true
		step.Release()
	}
	if len(keys) != 2 {
		t.Error("the tiling of a dispatch does not change the step")
	}
	lab.first["stride"].values[0][2] *= 1.01
	if _, err := lab.Step("stride", tuned); err == nil || !strings.Contains(err.Error(), "tune: step of stride: losses: ") {
		t.Errorf("with other losses: got %v", err)
	}
}

// What a search tries changes the kernel or its workgroups for some dispatch: an entry point reads
// each of its fields.
func TestFieldsAreRead(t *testing.T) {
	dev := enginetest.Open(t)
	lab := newTestLab(t, dev, "base")
	few := good
	few.Workgroups = 4 // else tiles are cut to have workgroups enough
	text := func(d Dispatch, tiling nn.Tiling) string {
		one, _ := lab.find(d, nn.Tilings{Default: good, Of: nn.TilingsByKey{d.Key: tiling}})
		return fmt.Sprint(one.Kernel.Constants, one.Workgroups)
	}
	for _, f := range fields {
		for _, entry := range []string{"forward", "backward_input", "backward_weight"} {
			read := false
			for _, d := range lab.Dispatches() {
				for _, start := range []nn.Tiling{good, few} {
					for _, value := range f.values {
						tiling := start
						*f.of(&tiling) = value
						read = read || d.Entry == entry && text(d, tiling) != text(d, start)
					}
				}
			}
			if want := f.weights && entry == weightEntry || f.blocks && entry != weightEntry; read != want {
				t.Errorf("%s reads %s: %v, want %v", entry, f.name, read, want)
			}
		}
	}
}
