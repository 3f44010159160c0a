package report

import (
	"fmt"
	"strings"

	"wgpucnn/nn"
)

// Layers returns a table of a network after torchinfo's: each layer's output
// shape for N images, its parameters, and its multiply-adds for one image,
// counted as torchinfo counts them (with the bias), and their totals.
func Layers(model *nn.Sequential) string {
	table := [][]string{{"layer", "output shape", "parameters", "multiply-adds"}}
	for _, module := range model.Modules {
		parameters := 0
		for _, p := range module.Layer.Params() {
			parameters += p.Shape.Size()
		}
		kind, _, _ := strings.Cut(module.Layer.String(), "(")
		shape := "(N, " + strings.TrimPrefix(module.Out.String(), "(")
		table = append(table, []string{module.Name + ": " + kind, shape,
			orDash(parameters), orDash(module.Layer.MultiplyAdds(module.In))})
	}
	head, rest, _ := strings.Cut(align(table, 2), "\n")
	rule := strings.Repeat("─", len([]rune(head)))
	return fmt.Sprintf("%s\n%s\n%s%s\n%s parameters, all trainable; %s multiply-adds an image\n",
		head, rule, rest, rule, Thousands(model.ParamCount()), Mega(model.MultiplyAdds()))
}

// orDash returns n, or a dash for none.
func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return Thousands(n)
}
