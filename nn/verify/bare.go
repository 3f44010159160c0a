package verify

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// bare is a layer that has a parameter, and computes nothing.
type bare struct {
	nn.Flatten
	size   int // of the parameter
	out    int // its first dimension; 0 for a vector
	splits int // of its gradient
	copies int // in other orders, at most 2
}

func (l bare) Params() []nn.Param {
	shape := nn.Shape{l.size}
	if l.out > 0 {
		shape = nn.Shape{l.out, l.size / l.out}
	}
	return []nn.Param{{Name: "w", Shape: shape}}
}

func (l bare) Splits(*nn.Node) int { return l.splits }

func (bare) Forward(*nn.Node, nn.Step) engine.Plan { return nil }

func (bare) Backward(*nn.Node, nn.Step) engine.Plan { return nil }

func (bare) Twin(nn.Shape, int) ref.Twin { return ref.Same }

// Packs returns copies with gaps. Some values stand in both, some in one, some in none.
func (l bare) Packs(*nn.Node) []nn.Packing {
	return []nn.Packing{
		{Size: l.size + 3, Place: func(_, i int) int {
			if i%3 == 0 {
				return -1
			}
			return l.size + 2 - i
		}},
		{Size: 2 * l.size, Place: func(_, i int) int {
			if i%2 == 1 {
				return -1
			}
			return 2 * i
		}},
	}[:l.copies]
}

// layOutBare lays out parameters p0.w, p1.w, ... of the given sizes, with gradients in so many parts. The
// first dimensions are outs; without any the parameters are vectors. If packed, the first has two copies, the second none, the third one, and so on. On a GPU several lanes
// share a sum.
func layOutBare(sizes, splits, outs []int, packed, gpu bool) *layout.Layout {
	modules := []nn.Module{{Layer: nn.Normalize{Mean: []float32{0}, Std: []float32{1}}}}
	for i, size := range sizes {
		l := bare{size: size, splits: splits[i]}
		if outs != nil {
			l.out = outs[i]
		}
		if packed {
			l.copies = (2 * (i + 1)) % 3
		}
		modules = append(modules, nn.Module{Name: fmt.Sprint("p", i), Layer: l})
	}
	network, err := nn.NewNetwork(nn.Shape{1, 1, 1}, modules...)
	if err != nil {
		panic(err) // the layers take what Normalize leaves
	}
	var tilings nn.Tilings
	if gpu {
		tilings.Default.GPU.Parts = 1
	}
	return layout.New(network, 1, tilings, false, true)
}

// copied fails unless the last plan left the parameters in their copies, bit by bit, and wrote
// nothing else there.
func copied(r *shadertest.Rig, l *layout.Layout) {
	if l.Packed == nil || r.Err != nil {
		return
	}
	want := make([]uint32, l.Packed.Size()/4)
	for i := range want {
		want[i] = shadertest.Poison
	}
	for _, n := range l.Nodes() {
		w := r.Bits(n.Weights[0])
		for k, packing := range n.Layer.(nn.Packer).Packs(n) {
			for i, v := range w {
				if at := packing.Place(0, i); at >= 0 {
					want[n.Packed[k].Offset/4+at] = v
				}
			}
		}
	}
	r.Equal("packed", r.Bits(l.Packed.All()), want)
}
