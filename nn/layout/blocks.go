package layout

import (
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

// blockValues is the most values of a block, a run of neighbouring values of one parameter. A
// workgroup updates a block. The first block of a parameter begins with the parameter.
const blockValues = 64

// none marks the lack of a place in packed copies.
const none = 0xffffffff

// lanes returns how many invocations share the sum of a value's parts, and how many parts each loads at a
// time. A GPU waits for loads, so more of them run side by side there. Software adapters lose by it: one
// invocation a value takes a fifth of the time on lavapipe.
func (l *Layout) lanes() (lanes, loads int) {
	if l.nodes[0].Default.GPU == (nn.GPUTiling{}) {
		return 1, 4
	}
	return 4, 8
}

// workgroup returns the size of a workgroup that updates a block, or counts a step.
func (l *Layout) workgroup() int {
	lanes, _ := l.lanes()
	return lanes * blockValues
}

// layOutBlocks makes the tables of blocks, by the groups of the parameters. Both tables end in the places of
// the packed copies.
func (u *Update) layOutBlocks(groups map[string]int) error {
	var blocks, sums, places []uint32
	for _, n := range u.layout.nodes {
		for i, p := range n.Layer.Params() {
			if p.Untrained {
				continue
			}
			own, err := u.layout.places(n, i)
			if err != nil {
				return err
			}
			w, grad, group := n.Weights[i].Offset/4, n.Grads[i], uint32(groups[n.Name+"."+p.Name])
			size := n.Weights[i].Size / 4
			for first := 0; first < size; first += blockValues {
				at, count, place := uint32(w+first), uint32(min(blockValues, size-first)), uint32(none)
				if own != nil {
					place = uint32(len(places) + mostCopies*first)
				}
				blocks = append(blocks, at, count, uint32(grad.View.Offset/4+first), uint32(size), uint32(grad.Splits), group, place)
				sums = append(sums, at, count, at, 0, 1, group, place)
				u.count++
			}
			places = append(places, own...)
		}
	}
	u.blocks, u.sums = table("blocks", append(blocks, places...)), table("blocks of sums", append(sums, places...))
	return nil
}

// table declares a buffer with its contents.
func table(name string, contents []uint32) *engine.Buffer {
	buffer := engine.NewBuffer(name, 4*len(contents))
	buffer.Contents = engine.Bytes(contents)
	return buffer
}

// constants returns the constants of the kernels that sum the parts of gradients, without WORKGROUP.
func (u *Update) constants() shaders.Constants {
	lanes, loads := u.layout.lanes()
	return shaders.Constants{
		{Name: "BLOCKS", Value: u.count}, {Name: "VALUES", Value: blockValues}, {Name: "LANES", Value: lanes}, {Name: "LOADS", Value: loads},
	}
}
