package verify

import (
	"fmt"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/optim"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
	vectors "wgpucnn/testdata/golden/operations"
)

// PyTorch's cases stand before those of the product's tables.
func init() {
	pytorch["conv2d"] = func() []shadertest.Case {
		return bothFamilies(goldenLayers("conv2d", func(c ref.Conv2d) (nn.Layer, nn.Shape, int) {
			return nn.Conv2d{In: c.C, Out: c.OC, Kernel: c.Kernel, Stride: c.Stride, Padding: c.Pad}, nn.Shape{c.C, c.H, c.W}, c.N
		}))
	}
	pytorch["batch_norm2d"] = goldenBatchNorms
	pytorch["conv2d_grouped"] = func() []shadertest.Case {
		return bothFamilies(goldenLayers("conv2d_grouped", func(c ref.Conv2d) (nn.Layer, nn.Shape, int) {
			l := nn.Conv2d{In: c.C, Out: c.OC, Kernel: c.Kernel, Stride: c.Stride, Padding: c.Pad, Groups: c.Groups, NoBias: nn.Off(c.NoBias)}
			return l, nn.Shape{c.C, c.H, c.W}, c.N
		}))
	}
	pytorch["linear"] = func() []shadertest.Case {
		return goldenLayers("linear", func(c ref.Linear) (nn.Layer, nn.Shape, int) {
			return nn.Linear{In: c.In, Out: c.Out}, nn.Shape{c.In}, c.N
		})
	}
	pytorch["relu"] = func() []shadertest.Case {
		type config struct{ Size int }
		return goldenLayers("relu", func(c config) (nn.Layer, nn.Shape, int) { return nn.ReLU{}, nn.Shape{c.Size}, 1 })
	}
	pytorch["dropout"] = func() []shadertest.Case {
		type config struct {
			Size int
			P    float64
		}
		var cases []shadertest.Case
		for _, c := range vectors.Cases[config]("dropout") {
			cases = append(cases, dropoutCase{label: "PyTorch's " + c.Name, p: c.Config.P, in: nn.Shape{c.Config.Size}, count: 1, batch: 1, place: 1, golden: &c.Vectors})
		}
		return cases
	}
	pytorch["activation"] = func() []shadertest.Case {
		type config struct {
			Kind string
			Size int
		}
		return goldenLayers("activation", func(c config) (nn.Layer, nn.Shape, int) { return smooth[c.Kind], nn.Shape{c.Size}, 1 })
	}
	pytorch["pool2d"] = func() []shadertest.Case {
		type config struct {
			Kind string
			ref.Pool2d
		}
		return goldenLayers("pool2d", func(c config) (nn.Layer, nn.Shape, int) {
			layer := map[string]nn.Layer{
				"AvgPool2d":         nn.AvgPool2d{Kernel: c.Kernel, Stride: c.Stride},
				"MaxPool2d":         nn.MaxPool2d{Kernel: c.Kernel, Stride: c.Stride},
				"AdaptiveAvgPool2d": nn.AdaptiveAvgPool2d{Out: c.Out},
				"AdaptiveMaxPool2d": nn.AdaptiveMaxPool2d{Out: c.Out},
			}[c.Kind]
			return layer, nn.Shape{c.C, c.H, c.W}, c.N
		})
	}
	pytorch["normalize"], pytorch["cross_entropy"] = goldenNormalize, goldenCrossEntropy
	pytorch["sgd"] = func() []shadertest.Case {
		return slices.Concat(
			goldenUpdates("sgd", func(c goldenRule) optim.Optimiser { return optim.SGD{LR: c.LR, Momentum: c.Momentum} }),
			goldenUpdates("sgd_groups", func(c goldenRule) optim.Optimiser {
				return optim.SGD{LR: c.LR, Momentum: c.Momentum, Nesterov: c.Nesterov, WeightDecay: c.WeightDecay, Groups: c.groups()}
			}),
		)
	}
	pytorch["muon"] = goldenMuon
	pytorch["adamw"] = func() []shadertest.Case {
		return goldenUpdates("adamw", func(c goldenRule) optim.Optimiser {
			return optim.AdamW{LR: c.LR, Beta1: c.Beta1, Beta2: c.Beta2, Eps: c.Eps, WeightDecay: c.WeightDecay, Groups: c.groups()}
		})
	}
}

// goldenLayers returns the cases that PyTorch computed for a file, each as the layer
// that place returns.
func goldenLayers[Config any](file string, place func(Config) (layer nn.Layer, in nn.Shape, batch int)) []shadertest.Case {
	var cases []shadertest.Case
	for _, c := range vectors.Cases[Config](file) {
		layer, in, batch := place(c.Config)
		cases = append(cases, layerCase{label: "PyTorch's " + c.Name, layer: layer, in: in, batch: batch, tiling: cpuTiling, golden: &c.Vectors})
	}
	return cases
}

// goldenBatchNorms returns each step of PyTorch's as a case.
func goldenBatchNorms() []shadertest.Case {
	type config struct {
		N, C, H, W, Steps int
		Eps, Momentum     float64
	}
	var cases []shadertest.Case
	for _, c := range vectors.Cases[config]("batch_norm2d") {
		s := c.Config
		for step := range s.Steps {
			cases = append(cases, batchNormCase{
				label: "PyTorch's " + c.Name, in: nn.Shape{s.C, s.H, s.W}, count: s.N, batch: s.N, step: step, last: step == s.Steps-1,
				eps: s.Eps, momentum: s.Momentum, tiling: smallTilings[step%len(smallTilings)], golden: &c.Vectors,
			})
		}
	}
	return cases
}

func goldenNormalize() []shadertest.Case {
	type config struct {
		N, H, W, C int
		Mean, Std  []float32
	}
	var cases []shadertest.Case
	for _, c := range vectors.Cases[config]("normalize") {
		s := c.Config
		cases = append(cases, normalizeCase{
			label: "PyTorch's " + c.Name, in: nn.Shape{s.H, s.W, s.C}, count: s.N, batch: s.N, orders: 1,
			golden: &normalized{planes(c.Bytes("images"), s.H*s.W, s.C), s.Mean, s.Std, c.Floats("y")},
		})
	}
	return cases
}

// planes returns images of bytes (N, H, W, C) as (N, C, H, W). size is H * W.
func planes(images []byte, size, channels int) []byte {
	planes := make([]byte, len(images))
	for i, value := range images {
		image, pixel, c := i/(size*channels), i/channels%size, i%channels
		planes[(image*channels+c)*size+pixel] = value
	}
	return planes
}

func goldenCrossEntropy() []shadertest.Case {
	type config struct {
		N, Classes, Rows int
		Smoothing        float64
		Weighted         bool
		Mix              *float64
	}
	var cases []shadertest.Case
	for _, g := range append(vectors.Cases[config]("cross_entropy"), vectors.Cases[config]("soft_cross_entropy")...) {
		s := g.Config
		c := crossEntropyCase{label: "PyTorch's " + g.Name, classes: s.Classes, count: s.N, batch: s.N, golden: &g.Vectors}
		if s.Rows < s.N {
			c.count, c.step = s.N+s.Rows, 1
		}
		c.loss.LabelSmoothing = s.Smoothing
		if s.Weighted {
			c.loss.ClassWeights = g.Floats("weights")
		}
		if s.Mix != nil {
			c.loss.Mixup, c.own = 1, *s.Mix
		}
		cases = append(cases, c)
	}
	return cases
}

// goldenRule is the configuration of PyTorch's cases.
type goldenRule struct {
	Size, Steps                int
	LR, Momentum, Beta1, Beta2 float64
	Eps, WeightDecay           float64
	Nesterov                   bool
	Groups                     []struct { // besides the first, which has the settings above
		Size            int
		LR, WeightDecay float64
	}
}

// groups returns the groups of a case. Each has one parameter.
func (c goldenRule) groups() []optim.Group {
	var groups []optim.Group
	for i, g := range c.Groups {
		groups = append(groups, optim.Group{Params: []string{fmt.Sprintf("p%d.w", i+1)}, LR: g.LR, WeightDecay: g.WeightDecay})
	}
	return groups
}

// goldenUpdates returns each step of PyTorch's as a case.
func goldenUpdates(file string, optimiser func(goldenRule) optim.Optimiser) []shadertest.Case {
	var cases []shadertest.Case
	for _, c := range vectors.Cases[goldenRule](file) {
		sizes, splits := []int{c.Config.Size}, []int{1}
		for _, g := range c.Config.Groups {
			sizes, splits = append(sizes, g.Size), append(splits, 1)
		}
		for step := range c.Config.Steps {
			cases = append(cases, updateCase{
				label: fmt.Sprintf("PyTorch's %s", c.Name), rule: optimiser(c.Config), sizes: sizes, splits: splits, golden: &c.Vectors, step: step,
			})
		}
	}
	return cases
}

// goldenMuon returns each step of PyTorch's Muon as a case. The first parameter is a vector, which has another
// rule.
func goldenMuon() []shadertest.Case {
	type config struct {
		Size, Steps  int
		LR, Momentum float64
		Shapes       [][]int
		Rest         optim.SGD
	}
	var cases []shadertest.Case
	for _, c := range vectors.Cases[config]("muon") {
		s := c.Config
		shapes, splits := [][2]int{{0, s.Size}}, []int{1}
		for _, shape := range s.Shapes {
			shapes, splits = append(shapes, [2]int{shape[0], nn.Shape(shape[1:]).Size()}), append(splits, 1)
		}
		for step := range s.Steps {
			u := muonUpdate("PyTorch's "+c.Name, shapes, splits, s.Rest)
			u.rule, u.golden, u.step = muon(s.LR, s.Momentum, u.outs, s.Rest), &c.Vectors, step
			cases = append(cases, u)
		}
	}
	return cases
}
