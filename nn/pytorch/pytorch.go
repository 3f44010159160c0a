// Package pytorch reads and writes state dicts as torch.save and torch.load do, and makes
// a model of the lab out of one.
//
// A file of torch.save is a zip archive of a pickle, which says what the tensors are called
// and how they lie in their storages, and of the storages' bytes. The pickle is read by
// gopickle, the rest here: gopickle/pytorch allocates a storage of whatever size the pickle
// says before it looks for its bytes, reads files by path alone, leaves the strides to its
// caller, and computes subnormal halves wrongly. No class that a pickle names is executed:
// placeholders stand for all but dicts and tensors.
package pytorch

import (
	"bytes"
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/unpickle"
)

// maxPickle bounds the bytes of a pickle, which may hold arrays of numpy beside the tensors.
const maxPickle = 1 << 26

// Unmarshal returns the tensors of a state dict in a file of torch.save, in the file's
// order, under the names that they have there. A dict may have the state dict under "state_dict", "model_state_dict",
// "net" or "model", or be the only value that is a dict of tensors under any other key. What
// stands beside it may be anything.
//
// Tensors are float32, or float64, float16 or bfloat16 and converted. Tensors of integers
// are read past, those of other types are an error. So are whole models,
// compressed archives, TorchScript, the format from before PyTorch 1.6, and tensors that
// overlap so much that together they are larger than the file.
//
// The file may come from anywhere: it takes memory in proportion to its size.
func Unmarshal(file []byte) (nn.StateDict, error) {
	state, err := unmarshal(file)
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	return state, nil
}

func unmarshal(file []byte) (nn.StateDict, error) {
	a, err := openArchive(file)
	if err != nil {
		return nil, err
	}
	pickle, err := a.record("data.pkl")
	if err != nil {
		return nil, err
	}
	if len(pickle) > maxPickle {
		return nil, fmt.Errorf("data.pkl has %d bytes: want at most %d", len(pickle), maxPickle)
	}
	value, err := unpickle.Load(bytes.NewReader(pickle), int64(len(pickle)), unpickle.Names{Class: findClass, Object: newStorage})
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	items, err := look(value)
	if err != nil {
		return nil, err
	}
	return readTensors(a, items)
}
