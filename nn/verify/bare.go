package verify

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
)

// bare is a layer that has a parameter, and computes nothing.
type bare struct {
	nn.Flatten
	size   int // of the parameter
	splits int // of its gradient
}

func (l bare) Params() []nn.Param { return []nn.Param{{Name: "w", Shape: nn.Shape{l.size}}} }

func (l bare) Splits(*nn.Node) int { return l.splits }

func (bare) Forward(*nn.Node, nn.Step) engine.Plan { return nil }

func (bare) Backward(*nn.Node, nn.Step) engine.Plan { return nil }

func (bare) Twin(nn.Shape, int) ref.Twin { return ref.Same }

// layOutBare lays out parameters p0.w, p1.w, ... of the given sizes, with gradients in so many parts. On a
// GPU several lanes share a sum.
func layOutBare(sizes, splits []int, gpu bool) *layout.Layout {
	modules := []nn.Module{{Layer: nn.Normalize{Mean: []float32{0}, Std: []float32{1}}}}
	for i, size := range sizes {
		modules = append(modules, nn.Module{Name: fmt.Sprint("p", i), Layer: bare{size: size, splits: splits[i]}})
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
