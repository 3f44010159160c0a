package main

import (
	"bytes"
	"errors"
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/onnx"
)

// openModel reads the model that a command's argument names. What stands in the file
// tells its format.
func openModel(path string) (*nn.Model, error) {
	file, err := nn.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var model *nn.Model
	switch {
	case len(file) > 8 && file[8] == '{': // safetensors: the length of the header, and the header
		model, err = nn.Unmarshal(file)
	case bytes.HasPrefix(file, []byte{8}): // ONNX: the tag of a ModelProto's first field
		model, err = onnx.Unmarshal(file)
	default:
		err = errors.New("no model: want a .safetensors or .onnx file that wgpucnn wrote")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return model, nil
}
