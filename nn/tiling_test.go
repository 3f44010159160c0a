package nn

import (
	"errors"
	"strings"
	"testing"

	"wgpucnn/engine"
)

func TestTilingCheck(t *testing.T) {
	a := engine.Adapter{Name: "card", Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: 16 << 10}}
	for _, tiling := range []Tiling{TilingFor(a), cpuTiling, gpuTiling} {
		tiling.Memory = min(tiling.Memory, a.Limits.WorkgroupStorage)
		if err := tiling.Check(a); err != nil {
			t.Errorf("%+v: %v", tiling, err)
		}
	}
	for _, c := range []struct {
		change func(*Tiling)
		want   string
		limit  bool
	}{
		{func(t *Tiling) { *t = Tiling{} }, "workgroup of 0: want 1 to 1024", false},
		{func(t *Tiling) { t.Workgroup = 1 << 40 }, "workgroup of 1099511627776: want", false},
		{func(t *Tiling) { t.Workgroup = 512 }, "workgroup of 512 invocations: beyond the adapter's limits: card takes 256", true},
		{func(t *Tiling) { t.Run = 0 }, "run of 0", false},
		{func(t *Tiling) { t.Rows = -1 }, "rows of -1", false},
		{func(t *Tiling) { t.Tile = 65 }, "tile of 65", false},
		{func(t *Tiling) { t.WeightOut = 0 }, "weight_out of 0", false},
		{func(t *Tiling) { t.WeightIn = 0 }, "weight_in of 0", false},
		{func(t *Tiling) { t.Workgroups = 0 }, "workgroups of 0", false},
		{func(t *Tiling) { t.Splits = 0 }, "splits of 0", false},
		{func(t *Tiling) { t.Memory = -4 }, "memory of -4", false},
		{func(t *Tiling) { t.Memory = 32 << 10 }, "memory of 32768 bytes: beyond", true},
	} {
		tiling := gpuTiling
		c.change(&tiling)
		err := tiling.Check(a)
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, engine.ErrLimit) != c.limit {
			t.Errorf("got %v; want %q, wrapping ErrLimit %v", err, c.want, c.limit)
		}
	}
}
