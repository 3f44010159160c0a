package layout

import (
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
