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
	blocks  bool // forward and backward_input read it
	weights bool // backward_weight reads it
}

// fields are in the order they are tried in: a kernel takes software adapters a second to
// compile, so what matters most comes first.
var fields = []field{
	{"tile", []int{1, 2, 4, 8, 16, 32}, func(t *nn.Tiling) *int { return &t.Tile }, true, false},
	{"weight_out", []int{1, 2, 4, 8}, func(t *nn.Tiling) *int { return &t.WeightOut }, false, true},
	{"weight_in", []int{1, 2, 3, 4, 8}, func(t *nn.Tiling) *int { return &t.WeightIn }, false, true},
	{"run", []int{1, 2, 4, 8, 16}, func(t *nn.Tiling) *int { return &t.Run }, true, true},
	{"rows", []int{1, 2, 4}, func(t *nn.Tiling) *int { return &t.Rows }, true, false},
	{"workgroup", []int{8, 16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.Workgroup }, true, true},
	{"workgroups", []int{4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}, func(t *nn.Tiling) *int { return &t.Workgroups }, true, true},
	{"memory", []int{0, 4 << 10, 8 << 10, 16 << 10, 32 << 10}, func(t *nn.Tiling) *int { return &t.Memory }, true, false},
	{"splits", []int{4, 8, 16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.Splits }, false, true},
}

// weightEntry is the entry point of conv2d.wgsl whose outputs are split into parts.
const weightEntry = "backward_weight"

// fieldsOf returns the fields that an entry point of conv2d.wgsl reads.
func fieldsOf(entry string) []field {
	weights := entry == weightEntry
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return weights && !f.weights || !weights && !f.blocks })
}

// next returns the value that is tried after the tiling's own: the nearest above, or below.
func (f field) next(t nn.Tiling, up bool) (int, bool) {
	now := *f.of(&t)
	if up {
		i := slices.IndexFunc(f.values, func(v int) bool { return v > now })
		if i < 0 {
			return 0, false
		}
		return f.values[i], true
	}
	for _, v := range slices.Backward(f.values) {
		if v < now {
			return v, true
		}
	}
	return 0, false
}
