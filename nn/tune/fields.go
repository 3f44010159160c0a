package tune

import (
	"slices"

	"wgpucnn/nn"
)

// Field is a number of a tiling with the values that are tried.
type Field struct {
	Name   string // as in nn.Tiling's JSON
	values []int  // ascending
	of     func(*nn.Tiling) *int
}

// Value returns the field of a tiling.
func (f Field) Value(t nn.Tiling) int { return *f.of(&t) }

// fields are in the order they are tried in: a kernel takes software adapters a second to
// compile, so what matters most comes first.
var fields = []Field{
	{"tile", []int{1, 2, 4, 8, 16, 32}, func(t *nn.Tiling) *int { return &t.Tile }},
	{"run", []int{1, 2, 4, 8, 16}, func(t *nn.Tiling) *int { return &t.Run }},
	{"rows", []int{1, 2, 4}, func(t *nn.Tiling) *int { return &t.Rows }},
	{"workgroup", []int{8, 16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.Workgroup }},
	{"weight_out", []int{1, 2, 4, 8}, func(t *nn.Tiling) *int { return &t.WeightOut }},
	{"weight_in", []int{1, 2, 3, 4, 8}, func(t *nn.Tiling) *int { return &t.WeightIn }},
	{"workgroups", []int{4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}, func(t *nn.Tiling) *int { return &t.Workgroups }},
	{"memory", []int{0, 4 << 10, 8 << 10, 16 << 10, 32 << 10}, func(t *nn.Tiling) *int { return &t.Memory }},
	{"splits", []int{4, 8, 16, 32, 64, 128, 256}, func(t *nn.Tiling) *int { return &t.Splits }},
}

// Fields returns the numbers of a tiling, in the order a search tries them.
func Fields() []Field { return slices.Clone(fields) }

// next returns the value that is tried after the tiling's own: the nearest above, or below.
func (f Field) next(t nn.Tiling, up bool) (int, bool) {
	now := f.Value(t)
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
