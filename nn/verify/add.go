package verify

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// addCase is a sum of tensors.
type addCase struct{ size, inputs int }

func (c addCase) Name() string { return fmt.Sprintf("%d tensors of %d", c.inputs, c.size) }

func init() { tables["add"] = addCases }

// addCases is the table of add.wgsl. The sizes sit around that of a workgroup, 64.
func addCases() []shadertest.Case {
	return slices.Concat(
		shadertest.Cases([]addCase{{1, 2}, {64, 3}, {65, 2}, {63, 5}, {4_200_001, 2}, {128 * 64 * 64, 2}}),
		shadertest.Generate(14, 100, func(r *shadertest.Draw) shadertest.Case {
			return addCase{r.Pick(r.Between(1, 9), r.Around(64), r.Between(1, 700)), r.Between(2, 5)}
		}),
	)
}

func (c addCase) Try(r *shadertest.Rig) {
	var x []engine.View
	var wants [][]float64
	for i := range c.inputs {
		values := r.Values(c.size)
		x, wants = append(x, r.Input(fmt.Sprint("x", i), values)), append(wants, shadertest.Wide(values))
	}
	y := r.Output("y", c.size)
	r.Run(nn.Sum(y, x...))
	r.Sums("y", r.Floats(y), ref.Add(wants...), c.inputs)
}
