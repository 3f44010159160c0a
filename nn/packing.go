package nn

// Packer is a layer whose kernels read its parameters from copies in another order. A layout
// keeps the copies. The optimiser writes them together with the parameters.
type Packer interface {
	// Packs returns the copies that the kernels of a node read. Node.Packed has their places. A
	// value stands in at most two of them.
	Packs(n *Node) []Packing
}

// Packing is a copy of a layer's parameters in another order. A parameter's value has one place
// in it, or none. What is nobody's place is 0.
type Packing struct {
	Size  int                    // values of the copy
	Place func(param, i int) int // of value i of a parameter; -1 if the copy does not hold it
}

// Pack returns the values of the copy.
func (p Packing) Pack(params [][]float32) []float32 {
	packed := make([]float32, p.Size)
	for k, values := range params {
		for i, v := range values {
			if at := p.Place(k, i); at >= 0 {
				packed[at] = v
			}
		}
	}
	return packed
}
