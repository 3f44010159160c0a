// Package onnx writes models as ONNX files, and reads those that it wrote.
package onnx

import (
	"encoding/json"
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// The operator sets that can be written. The operators in use did not change
// between them.
const (
	OldestOpset = 9
	NewestOpset = 26 // that ONNX Runtime 1.30 takes
)

// Options say how to write a model.
type Options struct {
	Opset int // version of ONNX's operator set, OldestOpset to NewestOpset
	Batch int // images that the file takes at a time; 0 for any number
}

// Marshal returns a model as an ONNX file.
//
// Shapes: input "input" (N, H, W, C), float, bytes of images as 0 to 255; output
// "output" (N, classes), logits. N is Options.Batch or free, "batch_size" then. Nodes
// and initializers are named after the layers: conv1, conv1.weight.
//
// The file's metadata are those of modelfile.Model.Metadata and
//
//	normalization  JSON: scale, mean and std, by which the graph makes
//	               (input/scale - mean) / std of its input
func Marshal(model *modelfile.Model, o Options) ([]byte, error) {
	if o.Opset < OldestOpset || o.Opset > NewestOpset {
		return nil, fmt.Errorf("onnx: opset %d: want %d to %d", o.Opset, OldestOpset, NewestOpset)
	}
	if o.Batch < 0 {
		return nil, fmt.Errorf("onnx: batch of %d: want at least 1, or 0 for any number", o.Batch)
	}
	metadata, err := metadata(model)
	if err != nil {
		return nil, err
	}
	g := &graph{value: "input"}
	state := model.State
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
	return modelProto{
		ir: irVersion(o.Opset), opset: o.Opset, version: model.Version, graph: g,
		input:    valueInfo{"input", o.Batch, model.In},
		output:   valueInfo{"output", o.Batch, nn.Shape{model.Classes()}},
		metadata: metadata,
	}.marshal(), nil
}

// metadata checks a model and returns the metadata of its file.
func metadata(model *modelfile.Model) (map[string]string, error) {
	metadata, err := model.Metadata()
	if err != nil {
		return nil, err
	}
	normalize := model.Modules[0].Layer.(nn.Normalize)
	text, err := json.Marshal(struct {
		Scale int       `json:"scale"`
		Mean  []float32 `json:"mean"`
		Std   []float32 `json:"std"`
	}{scale, normalize.Mean, normalize.Std})
	if err != nil {
		return nil, fmt.Errorf("onnx: normalization: %w", err)
	}
	metadata["normalization"] = string(text)
	return metadata, nil
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
