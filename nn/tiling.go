package nn

import "wgpucnn/engine"

// elementWorkgroup is the size of a workgroup whose invocations compute an element
// each.
const elementWorkgroup = 64

// Tiling says how conv2d is cut into workgroups on an adapter.
type Tiling struct {
	Workgroup  int // invocations of a workgroup
	Run, Rows  int // neighbours in a row, and rows, that an invocation of conv2d computes, at most
	Tile       int // channels of which it computes them, at most
	WeightOut  int // output channels that one computes of the weight gradient, at most
	WeightIn   int // and input channels of each
	Workgroups int // as many as a kernel should have, so as to fill the adapter
	Splits     int // parts that a weight gradient may be split into, at most
	Memory     int // bytes of a workgroup's memory that conv2d may take
}

// Software adapters run a workgroup on one core, its invocations in the lanes of
// a vector register: they want workgroups of few vectors, and much work between loads, each
// of which they do lane by lane. GPUs want enough invocations to hide the latency of memory,
// and little memory for each.
var (
	cpuTiling = Tiling{Workgroup: 16, Run: 8, Rows: 2, Tile: 8, WeightOut: 8, WeightIn: 3, Workgroups: 16, Splits: 16, Memory: 20 << 10}
	gpuTiling = Tiling{Workgroup: 64, Run: 8, Rows: 1, Tile: 4, WeightOut: 2, WeightIn: 4, Workgroups: 256, Splits: 64, Memory: 8 << 10}
)

// TilingFor returns the tiling that suits an adapter.
func TilingFor(a engine.Adapter) Tiling {
	t := gpuTiling
	if a.Type == engine.CPU {
		t = cpuTiling
	}
	t.Memory = min(t.Memory, a.Limits.WorkgroupStorage)
	return t
}

// longestPart bounds the terms that one invocation adds up, which keeps float32
// sums short, and loops below the 65,535 iterations that some drivers end at.
const longestPart = 1 << 15

// split returns into how many parts the terms of a weight gradient are split that
// has so many workgroups a part.
func (t Tiling) split(terms, workgroups int) int {
	return max(ceilDiv(terms, longestPart), min(terms, t.Splits, ceilDiv(t.Workgroups, workgroups)))
}

// maxWorkgroups is WebGPU's default limit of workgroups along a dimension.
const maxWorkgroups = 65535

// grid spreads workgroups over two dimensions. A kernel finds its number as
// group.y * groups.x + group.x and ignores those beyond the last.
func grid(workgroups int) [3]int {
	if workgroups <= maxWorkgroups {
		return [3]int{workgroups, 1, 1}
	}
	rows := ceilDiv(workgroups, maxWorkgroups)
	return [3]int{ceilDiv(workgroups, rows), rows, 1}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
