// Package onnx writes networks as ONNX files.
package onnx

import (
	"encoding/json"
	"fmt"

	"wgpucnn/nn"
)

// The operator sets that can be written. The operators in use did not change
// between them.
const (
	OldestOpset = 9
	NewestOpset = 26
)

// Options say how to write a network.
type Options struct {
	Opset   int      // version of ONNX's operator set, OldestOpset to NewestOpset
	Classes []string // names, for the file's metadata; nil for none
	Version string   // of the program, for the file's metadata
}

// Marshal returns the network with its weights as an ONNX model.
//
// Shapes: input "input" (batch_size, H, W, C), float, bytes of images as 0 to
// 255; output "output" (batch_size, classes), logits. The batch size is free.
// Nodes and initializers are named after the layers: conv1, conv1.weight.
func Marshal(model *nn.Sequential, state nn.StateDict, o Options) ([]byte, error) {
	if o.Opset < OldestOpset || o.Opset > NewestOpset {
		return nil, fmt.Errorf("onnx: opset %d: want %d to %d", o.Opset, OldestOpset, NewestOpset)
	}
	if err := model.CheckState(state); err != nil {
		return nil, err
	}
	if o.Classes != nil && len(o.Classes) != model.Classes() {
		return nil, fmt.Errorf("onnx: %d class names for %d classes", len(o.Classes), model.Classes())
	}
	g := &graph{value: "input"}
	for _, module := range model.Modules {
		count := len(module.Layer.Params())
		for _, tensor := range state[:count] {
			g.floats(tensor.Name, tensor.Shape, tensor.Data)
		}
		state = state[count:]
		if err := g.layer(module); err != nil {
			return nil, err
		}
	}
	g.nodes[len(g.nodes)-1].output = "output"
	m := modelProto{
		ir: irVersion(o.Opset), opset: o.Opset, version: o.Version, graph: g,
		input:  valueInfo{"input", model.In},
		output: valueInfo{"output", nn.Shape{model.Classes()}},
	}
	if o.Classes != nil {
		names, err := json.Marshal(o.Classes)
		if err != nil {
			return nil, err
		}
		m.metadata = [][2]string{{"classes", string(names)}}
	}
	return m.marshal(), nil
}

// irVersion returns the version of the file format that came with an operator
// set, as far as files need it (github.com/onnx/onnx, docs/Versioning.md).
func irVersion(opset int) int {
	switch {
	case opset >= 21:
		return 10
	case opset >= 19:
		return 9
	case opset >= 15:
		return 8
	case opset >= 12:
		return 7
	}
	return opset - 5 // 9: 4, 10: 5, 11: 6
}
