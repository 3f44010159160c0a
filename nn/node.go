package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// Node is an operation in its place within a network that is laid out for a batch size.
type Node struct {
	Module
	Tilings
	Place   int // of the module in Network.Modules
	Batch   int
	X       []engine.View // one for each input
	Y       engine.View
	DX      []engine.View // as X; a view has no buffer if nothing needs that gradient
	DY      engine.View
	Kept    []engine.View // see Keeper
	Weights []engine.View // the parameters
	Packed  []engine.View // see Packer
	Grads   []Grad        // of the parameters; none for an untrained one
	ReLU    bool          // see Fusions.ReLU
	Mask    bool          // see Fusions.Mask
	Gathers bool          // the node begins a step: see Conv2d.Gather
}

// Grad is the place of a parameter's gradient: Splits parts of the parameter's size,
// whose sum it is.
type Grad struct {
	View   engine.View
	Splits int
}

// Fusions returns what the node's kernels can do besides its layer.
func (n *Node) Fusions() Fusions { return Fused(n.Layer) }

// Dispatch returns one run of a kernel over a grid of workgroups. A kernel that is bound by
// its arithmetic says how many multiply-adds all invocations have together, another 0.
func Dispatch(file, entry string, constants shaders.Constants, workgroups [3]int, multiplyAdds int, bindings ...engine.Binding) engine.Dispatch {
	d := engine.Dispatch{
		Kernel:   engine.Kernel{File: file, Entry: entry, Constants: constants},
		Bindings: bindings, Workgroups: workgroups, Flops: 2 * multiplyAdds,
	}
	for _, b := range bindings {
		d.Bytes += b.View.Size
	}
	return d
}

// elementWorkgroup is the size of a workgroup whose invocations compute one element each.
const elementWorkgroup = 64

// Elements returns the workgroup size of a kernel whose invocations compute one element
// each, and the workgroups for so many elements.
func Elements(count int) (workgroup int, workgroups [3]int) {
	return elementWorkgroup, engine.Grid(CeilDiv(count, elementWorkgroup))
}

// CeilDiv returns a/b rounded up.
func CeilDiv(a, b int) int { return (a + b - 1) / b }
