// Package checkpoint writes trained networks as safetensors files, and reads them.
package checkpoint

import (
	"encoding/json"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"

	"github.com/nlpodyssey/safetensors"
)

// formatVersion is that of the metadata. It changes when an older reader would
// make another network of them.
const formatVersion = "1"

// producer stands before the version of the program.
const producer = "wgpucnn "

// Info is what a file tells about a network besides its architecture.
type Info struct {
	Classes  []string // names, by label
	Training any      // how it came about, written as JSON
	Version  string   // of the program
}

// Marshal returns a network and its weights as a safetensors file: a float32
// tensor for each parameter, by its name and shape in PyTorch. The metadata
// alone are enough to build the network again:
//
//	format_version  of these metadata, "1"
//	architecture    JSON: the input's shape (H, W, C) and the list of layers, each
//	                with its name, kind and options in PyTorch's words
//	classes         JSON: the list of class names
//	training        JSON: Info.Training
//	producer        "wgpucnn" and the version
func Marshal(model *nn.Sequential, state nn.StateDict, info Info) ([]byte, error) {
	if err := model.CheckState(state); err != nil {
		return nil, err
	}
	if len(info.Classes) != model.Classes() {
		return nil, fmt.Errorf("checkpoint: %d class names for %d classes", len(info.Classes), model.Classes())
	}
	layers, err := describe(model)
	if err != nil {
		return nil, err
	}
	metadata := map[string]string{"format_version": formatVersion, "producer": producer + info.Version}
	for key, value := range map[string]any{"architecture": layers, "classes": info.Classes, "training": info.Training} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("checkpoint: %s: %w", key, err)
		}
		metadata[key] = string(text)
	}
	tensors := map[string]safetensors.TensorView{}
	for _, tensor := range state {
		shape := make([]uint64, len(tensor.Shape))
		for i, d := range tensor.Shape {
			shape[i] = uint64(d)
		}
		tensors[tensor.Name], err = safetensors.NewTensorView(safetensors.F32, shape, engine.Bytes(tensor.Data))
		if err != nil {
			return nil, fmt.Errorf("checkpoint: %s: %w", tensor.Name, err)
		}
	}
	file, err := safetensors.Serialize(tensors, metadata)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return file, nil
}
