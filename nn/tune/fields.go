package tune

import (
	"slices"

	"wgpucnn/nn"
)

// field is a number of a tiling with the values that are tried.
type field struct {
	name    string // as in nn.Tiling's JSON
	values  []int  // ascending
	of      func(*nn.Tiling) *int
	entries []string // that read it
}

// weightEntry is the entry point that computes gradients of weights. The other two compute maps.
const weightEntry = "backward_weight"

var (
	ofMaps    = []string{"forward", "backward_input"}
	ofWeights = []string{weightEntry}
	ofAll     = []string{"forward", "backward_input", weightEntry}
)

// generalFields and gpuFields are the fields of the two families of kernels (see nn.Tiling), in the
// order in which they are tried. A kernel takes time to compile, a second on software adapters, so
// what matters most comes first. What is beyond the adapter's limits is skipped.
var (
	generalFields = []field{
		{"tile", []int{1, 2, 4, 8, 16, 32}, func(t *nn.Tiling) *int { return &t.Tile }, ofMaps},
		{"weight_out", []int{1, 2, 4, 8}, func(t *nn.Tiling) *int { return &t.WeightOut }, ofWeights},
		{"weight_in", []int{1, 2, 3, 4, 8}, func(t *nn.Tiling) *int { return &t.WeightIn }, ofWeights},
		{"run", []int{1, 2, 4, 8, 16}, func(t *nn.Tiling) *int { return &t.Run }, ofAll},
		{"rows", []int{1, 2, 4}, func(t *nn.Tiling) *int { return &t.Rows }, ofMaps},
		{"workgroup", []int{8, 16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.Workgroup }, ofAll},
		{"workgroups", []int{4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}, func(t *nn.Tiling) *int { return &t.Workgroups }, ofAll},
		{"memory", []int{0, 4 << 10, 8 << 10, 16 << 10, 32 << 10}, func(t *nn.Tiling) *int { return &t.Memory }, ofMaps},
		{"splits", []int{4, 8, 16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.Splits }, ofWeights},
	}
	gpuFields = []field{
		{"gpu.weight_out", []int{16, 32, 64, 128}, func(t *nn.Tiling) *int { return &t.GPU.WeightOut }, ofWeights},
		{"gpu.weight_in", []int{1, 2, 4, 8, 16}, func(t *nn.Tiling) *int { return &t.GPU.WeightIn }, ofWeights},
		{"gpu.weight_split", []int{1, 2, 4, 8}, func(t *nn.Tiling) *int { return &t.GPU.WeightSplit }, ofWeights},
		{"gpu.run", []int{2, 4, 8, 16}, func(t *nn.Tiling) *int { return &t.GPU.Run }, ofAll},
		{"gpu.pixels", []int{16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.GPU.Pixels }, ofAll},
		{"gpu.channels", []int{16, 32, 64, 128}, func(t *nn.Tiling) *int { return &t.GPU.Channels }, ofMaps},
		{"gpu.quads", []int{1, 2, 4}, func(t *nn.Tiling) *int { return &t.GPU.Quads }, ofMaps},
		{"gpu.chunk", []int{2, 4, 8, 16, 32}, func(t *nn.Tiling) *int { return &t.GPU.Chunk }, ofMaps},
		{"gpu.split", []int{1, 2, 4, 8}, func(t *nn.Tiling) *int { return &t.GPU.Split }, ofMaps},
		{"gpu.parts", []int{16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.GPU.Parts }, ofWeights},
		{"gpu.invocations", []int{8 << 10, 16 << 10, 32 << 10, 64 << 10, 128 << 10, 256 << 10}, func(t *nn.Tiling) *int { return &t.GPU.Invocations }, ofAll},
		{"gpu.memory", []int{8 << 10, 16 << 10, 24 << 10, 32 << 10, 48 << 10}, func(t *nn.Tiling) *int { return &t.GPU.Memory }, ofMaps},
		// A step merges gradients of weights only if they fit the default's memory: see nn/layout/weights.go.
		{"gpu.memory", []int{8 << 10, 16 << 10, 24 << 10}, func(t *nn.Tiling) *int { return &t.GPU.Memory }, ofWeights},
	}
)

// fieldsOf returns the fields that a dispatch's kernel reads.
func fieldsOf(d Dispatch) []field {
	family := gpuFields
	if d.Kernel == generalKernel {
		family = generalFields
	}
	return slices.DeleteFunc(slices.Clone(family), func(f field) bool { return !slices.Contains(f.entries, d.Entry) })
}

// beyond returns the values above the tiling's own, or below, the nearest first.
func (f field) beyond(t nn.Tiling, up bool) []int {
	now := *f.of(&t)
	if up {
		return slices.DeleteFunc(slices.Clone(f.values), func(v int) bool { return v <= now })
	}
	below := slices.DeleteFunc(slices.Clone(f.values), func(v int) bool { return v >= now })
	slices.Reverse(below)
	return below
}
