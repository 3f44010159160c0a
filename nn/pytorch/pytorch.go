// Package pytorch reads and writes the files of torch.save, and converts them to models. It
// reads state dicts, also from safetensors files, and whole models of torch.nn.
//
// A file of torch.save is a zip archive. It holds a pickle, with the names of the tensors and
// their layout in storages, and the bytes of the storages. gopickle reads the pickle, this
// package reads the rest. gopickle/pytorch is not used: it allocates a storage of the size in
// the pickle before it looks for its bytes, reads files only by path, ignores strides, and
// computes subnormal halves wrongly. No class that a pickle names is executed: all classes
// except those of dicts and tensors are placeholders.
package pytorch

import (
	"bytes"
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/unpickle"
	"wgpucnn/nn/modelfile"
)

// maxPickle is the largest pickle that is read, in bytes. A pickle may contain numpy arrays
// beside the tensors.
const maxPickle = 1 << 26

// Unmarshal returns the tensors of a state dict. From a file of torch.save they come in the
// file's order, from a safetensors file in the order of their names, both under the names in
// the file. The state dict may be the value of "state_dict", "model_state_dict", "net" or
// "model" in another dict, or of any other key if it is the only value that is a dict of
// tensors. The other values may be anything.
//
// The tensors are float32. float64, float16 and bfloat16 are converted. Tensors of integers are
// skipped. Tensors of other types give an error. So do whole models (see Import), compressed
// archives, TorchScript, the format from before PyTorch 1.6, and tensors that overlap so much
// that together they have more than four times the bytes of the file.
//
// The file may come from anywhere: Unmarshal takes memory in proportion to its size.
func Unmarshal(file []byte) (nn.StateDict, error) {
	c, err := read(file)
	if err == nil && c.model != nil {
		err = fmt.Errorf("the file holds a whole model, of %.60q: %s", string(c.model.class), wantState)
	}
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	return c.state, nil
}

// contents are the parts of a file: a state dict, with the description of the network if
// wgpucnn wrote it, or a whole model.
type contents struct {
	state    nn.StateDict
	metadata map[string]string // nil in files of other programs
	model    *object           // nil for a state dict
	archive  *archive          // of the tensors of model
}

// read reads the contents of a file.
func read(file []byte) (contents, error) {
	if modelfile.IsSafetensors(file) {
		state, err := readSafetensors(file)
		return contents{state: state}, err
	}
	a, err := openArchive(file)
	if err != nil {
		return contents{}, err
	}
	pickle, err := a.record("data.pkl")
	if err != nil {
		return contents{}, err
	}
	if len(pickle) > maxPickle {
		return contents{}, fmt.Errorf("data.pkl has %d bytes: want at most %d", len(pickle), maxPickle)
	}
	value, err := unpickle.Load(bytes.NewReader(pickle), int64(len(pickle)), unpickle.Names{Class: findClass, Object: newStorage})
	if err != nil {
		return contents{}, fmt.Errorf("data.pkl: %w", err)
	}
	found, err := findState(value)
	if err != nil {
		return contents{}, err
	}
	c := contents{model: found.model, archive: a}
	if c.state, err = readTensors(a, found.state); err != nil {
		return contents{}, err
	}
	c.metadata, err = a.metadata()
	return c, err
}
