package layout

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// layOutPacked gives the nodes the places of the copies of their parameters that their kernels read.
func (l *Layout) layOutPacked() {
	for _, n := range l.nodes {
		p, ok := n.Layer.(nn.Packer)
		if !ok {
			continue
		}
		for _, packing := range p.Packs(n) {
			if l.Packed == nil {
				l.Packed = engine.NewBuffer("packed", 0)
			}
			n.Packed = append(n.Packed, l.Packed.Reserve(4*packing.Size))
			l.packings[n] = append(l.packings[n], packing)
		}
	}
}

// beginPacked sets the first contents of the copies.
func (l *Layout) beginPacked(state nn.StateDict) {
	if l.Packed == nil {
		return
	}
	l.Packed.Contents = make([]byte, l.Packed.Size())
	for _, n := range l.nodes {
		var params [][]float32
		for range n.Layer.Params() {
			params, state = append(params, state[0].Data), state[1:]
		}
		for i, packing := range l.packings[n] {
			copy(l.Packed.Contents[n.Packed[i].Offset:], engine.Bytes(packing.Pack(params)))
		}
	}
}

// mostCopies is the most places that a value has in the packed copies: one forward and one backward. The
// update's kernel reads two places a value.
const mostCopies = 2

// places returns the places in Packed of the values of a node's parameter: mostCopies for each value, none
// where it has fewer. It returns nil if no copy holds the parameter.
func (l *Layout) places(n *nn.Node, param int) ([]uint32, error) {
	var places []uint32
	for i := range n.Weights[param].Size / 4 {
		held := 0
		for k, packing := range l.packings[n] {
			at := packing.Place(param, i)
			if at < 0 {
				continue
			}
			if held == mostCopies {
				return nil, fmt.Errorf("layout: %s: value %d of %s is packed %d times or more: want %d at most", n.Name, i, n.Layer.Params()[param].Name, mostCopies+1, mostCopies)
			}
			if places == nil {
				places = slices.Repeat([]uint32{none}, mostCopies*n.Weights[param].Size/4)
			}
			places[mostCopies*i+held] = uint32(n.Packed[k].Offset/4 + at)
			held++
		}
	}
	return places, nil
}
