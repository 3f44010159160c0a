package verify

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/ref"
)

// addCase is a sum of tensors.
type addCase struct{ size, inputs int }

func (c addCase) name() string { return fmt.Sprintf("%d tensors of %d", c.inputs, c.size) }

func init() { tables["add"] = addCases }

// addCases is the table of add.wgsl. The sizes sit around that of a workgroup, 64.
func addCases() []testCase {
	return slices.Concat(
		testCases([]addCase{{1, 2}, {64, 3}, {65, 2}, {63, 5}, {4_200_001, 2}, {128 * 64 * 64, 2}}),
		generate(14, 100, func(r random) testCase {
			return addCase{r.pick(r.between(1, 9), r.around(64), r.between(1, 700)), r.between(2, 5)}
		}),
	)
}

func (c addCase) try(r *rig) {
	var x []engine.View
	var wants [][]float64
	for i := range c.inputs {
		values := r.values(c.size)
		x, wants = append(x, r.input(fmt.Sprint("x", i), values)), append(wants, wide(values))
	}
	y := r.output("y", c.size)
	r.run(nn.Sum(y, x...))
	r.sums("y", r.floats(y), ref.Add(wants...), c.inputs)
}
