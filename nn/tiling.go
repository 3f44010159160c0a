package nn

import "wgpucnn/engine"

// elementWorkgroup is the size of a workgroup whose invocations compute an element
// each.
const elementWorkgroup = 64

// Tiling says how conv2d is cut into workgroups on a kind of adapter.
type Tiling struct {
	Workgroup  int // invocations of a workgroup
	Tile       int // channels that an invocation of conv2d computes
	Workgroups int // as many as a weight gradient should have, so as to fill the adapter
	Splits     int // parts that a weight gradient may be split into, at most
}

// Software adapters run a workgroup on one core, its invocations in the lanes of
// a vector register: they want workgroups of that width. GPUs want enough
// invocations to hide the latency of memory.
var (
	cpuTiling = Tiling{Workgroup: 8, Tile: 8, Workgroups: 16, Splits: 16}
	gpuTiling = Tiling{Workgroup: 64, Tile: 8, Workgroups: 512, Splits: 64}
)

// TilingFor returns the tiling that suits a type of adapter.
func TilingFor(t engine.AdapterType) Tiling {
	if t == engine.CPU {
		return cpuTiling
	}
	return gpuTiling
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
