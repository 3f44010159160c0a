package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"

	"wgpucnn/nn"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"
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
	case bytes.HasPrefix(file, []byte("PK")): // a zip archive: what torch.save writes
		model, err = stateDictModel(file, pytorch.LabOptions{Source: filepath.Base(path)})
		if errors.Is(err, pytorch.ErrPooling) {
			err = fmt.Errorf("%w: make a model of it by \"wgpucnn import\"", err)
		}
	default:
		err = errors.New("no model: want a .safetensors or .onnx file that wgpucnn wrote, or a state dict that torch.save did")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return model, nil
}

// stateDictModel returns the model of a file of torch.save.
func stateDictModel(file []byte, o pytorch.LabOptions) (*nn.Model, error) {
	state, err := pytorch.Unmarshal(file)
	if err != nil {
		return nil, err
	}
	model, err := pytorch.Lab(state, o)
	if err != nil {
		return nil, err
	}
	model.Version = version()
	return model, nil
}
