package nn

import (
	"fmt"

	"wgpucnn/engine"
)

// Tiling says how conv2d is cut into workgroups on an adapter. Results depend on it by
// rounding alone: the same weights to the last bit take the same tiling.
type Tiling struct {
	Workgroup  int `json:"workgroup"`  // invocations of a workgroup
	Run        int `json:"run"`        // neighbours in a row that an invocation of conv2d computes, at most
	Rows       int `json:"rows"`       // and rows
	Tile       int `json:"tile"`       // channels of which it computes them, at most
	WeightOut  int `json:"weight_out"` // output channels that one computes of the weight gradient, at most
	WeightIn   int `json:"weight_in"`  // and input channels of each
	Workgroups int `json:"workgroups"` // as many as a kernel should have, so as to fill the adapter
	Splits     int `json:"splits"`     // parts that a weight gradient may be split into, at most
	Memory     int `json:"memory"`     // bytes of a workgroup's memory that conv2d may take; 0 for none, and no Head
}

// Check returns an error unless an adapter can run the tiling: one that wraps
// engine.ErrLimit where it is beyond the adapter, another where it is beyond all sense.
func (t Tiling) Check(a engine.Adapter) error {
	for _, n := range []struct {
		name         string
		value, least int
		most         int
	}{
		{"workgroup", t.Workgroup, 1, 1024},
		{"run", t.Run, 1, 64},
		{"rows", t.Rows, 1, 16},
		{"tile", t.Tile, 1, 64},
		{"weight_out", t.WeightOut, 1, 64},
		{"weight_in", t.WeightIn, 1, 64},
		{"workgroups", t.Workgroups, 1, maxWorkgroups},
		{"splits", t.Splits, 1, 4096},
		{"memory", t.Memory, 0, 1 << 20},
	} {
		if n.value < n.least || n.value > n.most {
			return fmt.Errorf("nn: tiling: %s of %d: want %d to %d", n.name, n.value, n.least, n.most)
		}
	}
	if most := a.Limits.WorkgroupSize; t.Workgroup > most {
		return fmt.Errorf("nn: tiling: workgroup of %d invocations: %w: %s takes %d", t.Workgroup, engine.ErrLimit, a.Name, most)
	}
	if most := a.Limits.WorkgroupStorage; t.Memory > most {
		return fmt.Errorf("nn: tiling: memory of %d bytes: %w: %s has %d a workgroup", t.Memory, engine.ErrLimit, a.Name, most)
	}
	return nil
}

// Tilings gives each dispatch of a convolution its tiling: that of its key, or the
// default. What is no convolution has the default.
type Tilings struct {
	Default Tiling            `json:"default"`
	Of      map[string]Tiling `json:"of,omitempty"` // by Node.Key
}

// Or returns the tilings to use on an adapter if a caller gave t: the adapter's own for the
// zero value, else t. It returns an error if the adapter cannot run one.
func (t Tilings) Or(a engine.Adapter) (Tilings, error) {
	if t.Default == (Tiling{}) {
		t.Default = TilingFor(a)
	}
	if err := t.Default.Check(a); err != nil {
		return t, err
	}
	for key, tiling := range t.Of {
		if err := tiling.Check(a); err != nil {
			return t, fmt.Errorf("%s: %w", key, err)
		}
	}
	return t, nil
}

// Key names a dispatch of a convolution by all that its speed depends on: the entry point
// of conv2d.wgsl, the layer, the shape of its input and the batch size.
func (n *Node) Key(entry string) string {
	return fmt.Sprintf("%s %v%v*%d", entry, n.Layer, n.In, n.Batch)
}

// tiling returns the tiling of a dispatch of the node.
func (n *Node) tiling(entry string) Tiling {
	if t, ok := n.Tilings.Of[n.Key(entry)]; ok {
		return t
	}
	return n.Default
}

// Software adapters run a workgroup on one core, its invocations in the lanes of
// a vector register: they want workgroups of few vectors, and much work between loads, each
// of which they do lane by lane. GPUs want enough invocations to hide the latency of memory,
// and little memory for each.
var (
	cpuTiling = Tiling{Workgroup: 16, Run: 8, Rows: 2, Tile: 8, WeightOut: 4, WeightIn: 4, Workgroups: 16, Splits: 16, Memory: 20 << 10}
	gpuTiling = Tiling{Workgroup: 64, Run: 8, Rows: 1, Tile: 4, WeightOut: 2, WeightIn: 4, Workgroups: 256, Splits: 64, Memory: 8 << 10}
)

// TilingFor returns the tiling that suits an adapter.
func TilingFor(a engine.Adapter) Tiling {
	t := gpuTiling
	if a.Type == engine.CPU {
		t = cpuTiling
	}
	t.Memory = min(t.Memory, a.Limits.WorkgroupStorage)
	if a.Backend == "OpenGL" { // where a workgroup's memory is cleared by a store for each value
		t.Memory = 0
	}
	return t
}

// longestPart bounds the terms that one invocation adds up, which keeps float32
// sums short, and loops below the 65,535 iterations that some drivers end at.
const longestPart = 1 << 15

// split returns into how many parts the terms of a weight gradient are split that
// has so many workgroups a part.
func (t Tiling) split(terms, workgroups int) int {
	return max(CeilDiv(terms, longestPart), min(terms, t.Splits, CeilDiv(t.Workgroups, workgroups)))
}
