package report

import (
	"fmt"
	"strings"

	"wgpucnn/nn"
)

// Layer describes a layer of a network and its cost.
type Layer struct {
	Name         string   `json:"name"`
	Layer        string   `json:"layer"`            // as PyTorch prints it
	Inputs       []string `json:"inputs,omitempty"` // the layers that it takes; nil for the layer before it alone
	Output       nn.Shape `json:"output"`           // for one image
	Parameters   int      `json:"parameters"`
	MultiplyAdds int      `json:"multiply_adds"` // for one image, counted as torchinfo counts them (with the bias)
}

// ListLayers returns the layers of a network in order.
func ListLayers(model *nn.Network) []Layer {
	var layers []Layer
	for i, module := range model.Modules {
		parameters := 0
		for _, p := range module.Layer.Params() {
			parameters += p.Shape.Size()
		}
		layers = append(layers, Layer{module.Name, module.Layer.String(), model.OtherInputs(i), module.Out, parameters, module.Layer.MultiplyAdds(module.In)})
	}
	return layers
}

// Title returns the layer's name, with the layers that it takes unless that is the layer before it:
// "conv4 of relu1", "add1 of conv3, conv4".
func (l Layer) Title() string {
	if l.Inputs == nil {
		return l.Name
	}
	return l.Name + " of " + strings.Join(l.Inputs, ", ")
}

// Layers returns a table of a network in the manner of torchinfo: each layer's output shape for
// N images, its parameters, its multiply-adds for one image, and the totals. A layer that does not
// take the layer before it names its inputs. If columns is above 0, Layers shortens names to fit,
// then leaves out the multiply-adds of the layers.
func Layers(model *nn.Network, columns int) string {
	table := [][]string{{"layer", "output shape", "parameters", "multiply-adds"}}
	for _, layer := range ListLayers(model) {
		kind, _, _ := strings.Cut(layer.Layer, "(")
		shape := "(N, " + strings.TrimPrefix(layer.Output.String(), "(")
		table = append(table, []string{layer.Title() + ": " + kind, shape, orDash(layer.Parameters), orDash(layer.MultiplyAdds)})
	}
	Shorten(table, columns)
	head, rest, _ := strings.Cut(align(table, 2), "\n")
	if columns > 0 && Width(head) > columns {
		for i, row := range table {
			table[i] = row[:3]
		}
		head, rest, _ = strings.Cut(align(table, 2), "\n")
	}
	rule := strings.Repeat("─", Width(head))
	return fmt.Sprintf("%s\n%s\n%s%s\n%s parameters, all trainable; %s multiply-adds an image\n",
		head, rule, rest, rule, Thousands(model.ParamCount()), Mega(model.MultiplyAdds()))
}

// Modules returns a network as PyTorch prints it, with the options of its layers. A network with
// branches is a Graph, as in the scripts of package pytorch.
func Modules(model *nn.Network) string {
	class := "Sequential"
	if !model.Chain() {
		class = "Graph"
	}
	var text strings.Builder
	text.WriteString(class + "(\n")
	for _, module := range model.Modules {
		fmt.Fprintf(&text, "  (%s): %v\n", module.Name, module.Layer)
	}
	text.WriteString(")\n")
	return text.String()
}

// orDash returns n, or a dash for 0.
func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return Thousands(n)
}
