package layout

import (
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/optim"
)

// updateOf returns the update of a network's layout.
func updateOf(network *nn.Network, rule optim.Optimiser) (*Update, error) {
	l := New(network, 2, software, true, true)
	return NewUpdate(l, rule, NewTally("train", nn.NewSource("train", network.In, 4, 2, 1, 0), 1))
}

// An update binds no more buffers than WebGPU's default limit. One of a network without packed copies
// has no place for them.
func TestUpdateBindings(t *testing.T) {
	for _, packed := range []bool{false, true} {
		for _, rule := range []optim.Optimiser{optim.SGD{LR: 0.1}, optim.AdamW{LR: 0.1}} {
			u, err := updateOf(nntest.Convolutions(t, packed), rule)
			if err != nil {
				t.Fatal(err)
			}
			gradient := engine.NewBuffer("gradient", u.layout.Params.Size())
			for _, d := range append(u.Update(gradient.All()), u.ReduceUpdate()...) {
				words := 0
				for _, b := range d.Bindings {
					if b.Name == "blocks" {
						words = b.View.Size / 4
					}
				}
				want, places := 7, 0
				if packed {
					want, places = 8, mostCopies*(3*4*4*4+4+4*5*3*3+5)
				}
				if len(d.Bindings) != want || words != 7*u.count+places {
					t.Errorf("%v, packed %v: %d bindings, a table of %d words for %d blocks", d.Kernel, packed, len(d.Bindings), words, u.count)
				}
			}
		}
	}
}

// thrice is a layer that packs its weight three times.
type thrice struct{ nn.Conv2d }

func (l thrice) Packs(*nn.Node) []nn.Packing {
	one := nn.Packing{Size: l.Params()[0].Shape.Size(), Place: func(param, i int) int { return i*(1-param) - param }}
	return []nn.Packing{one, one, one}
}

// A value that is packed more often than the kernel can write is an error.
func TestTooManyCopies(t *testing.T) {
	network := newTestModel(t, nn.Shape{4, 4, 3}, thrice{nn.Conv2d{In: 3, Out: 2, Kernel: 1}}, nn.Flatten{}, nn.Linear{In: 32, Out: 3})
	if _, err := updateOf(network, nntest.LabSGD); err == nil || !strings.Contains(err.Error(), "thrice1: value 0 of weight is packed 3 times or more: want 2 at most") {
		t.Errorf("got %v", err)
	}
}
