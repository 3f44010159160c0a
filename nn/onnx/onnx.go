// Package onnx writes models as ONNX files, and reads the files that it wrote.
package onnx

import (
	"encoding/json"
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// The oldest and the newest operator set that can be written. The operators in use are the same
// in all of them.
const (
	OldestOpset = 9
	NewestOpset = 26 // the newest of ONNX Runtime 1.30
)

// Options say how a model is written.
type Options struct {
	Opset int // version of ONNX's operator set, OldestOpset to NewestOpset
	Batch int // images in the file's input; 0 means any number
}

// Marshal returns a model as an ONNX file.
//
// Shapes: input "input" (N, H, W, C), float, bytes of images as 0 to 255; output "output" (N,
// classes), logits. N is Options.Batch, or the free dimension "batch_size" if that is 0. Nodes
// and initializers are named after the layers: conv1, conv1.weight. An nn.Add of more than two
// inputs becomes several nodes. Each node adds one input to the sum.
//
// The file's metadata are those of modelfile.Model.Metadata and
//
//	normalization  JSON of scale, mean and std: the graph first computes
//	               (input/scale - mean) / std
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
	g := &graph{outputs: map[string]string{}}
	state := model.State
	for _, module := range model.Modules {
		count := len(module.Layer.Params())
		for _, tensor := range state[:count] {
			g.floats(tensor.Name, tensor.Shape, tensor.Data)
		}
		state = state[count:]
		if err := g.module(module); err != nil {
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

// irVersion returns the version of the file format that an operator set needs
// (github.com/onnx/onnx, docs/Versioning.md).
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
