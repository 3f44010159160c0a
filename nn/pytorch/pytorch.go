// Package pytorch reads and writes the files of torch.save, and makes models of them. It
// reads state dicts, Python's safetensors files too, and whole models of torch.nn.
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
	"wgpucnn/nn/modelfile"
)

// maxPickle bounds the bytes of a pickle, which may hold arrays of numpy beside the tensors.
const maxPickle = 1 << 26

// Unmarshal returns the tensors of a state dict in a file of torch.save, in the file's
// order, under the names that they have there, or of one in a safetensors file, in the order
// of their names. A dict may have the state dict under "state_dict", "model_state_dict",
// "net" or "model", or be the only value that is a dict of tensors under any other key. What
// stands beside it may be anything.
//
// Tensors are float32, or float64, float16 or bfloat16 and converted. Tensors of integers
// are read past, those of other types are an error. So are whole models, which Import reads,
// compressed archives, TorchScript, the format from before PyTorch 1.6, and tensors that
// overlap so much that together they have more than four times the bytes of the file.
//
// The file may come from anywhere: it takes memory in proportion to its size.
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

// contents are what a file holds: a state dict, and what it says of the network if wgpucnn
// wrote it, or a whole model, whose tensors lie in the archive.
type contents struct {
	state    nn.StateDict
	metadata map[string]string // nil in files of other programs
	model    *object           // nil for a state dict
	archive  *archive
}

// read takes a file apart.
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
	h, err := look(value)
	if err != nil {
		return contents{}, err
	}
	c := contents{model: h.model, archive: a}
	if c.state, err = readTensors(a, h.state); err != nil {
		return contents{}, err
	}
	c.metadata, err = a.metadata()
	return c, err
}
