// Package pytorch reads and writes state dicts as torch.save and torch.load do, and makes
// a model of the lab out of one.
//
// A file is a zip archive of a pickle, which says what the tensors are called and how they
// lie in their storages, and of the storages' bytes. The pickle is read by gopickle, the
// rest here: gopickle/pytorch allocates a storage of whatever size the pickle says before
// it looks for its bytes, reads files by path alone, leaves the strides to its caller, and
// computes subnormal halves wrongly.
package pytorch

import (
	"bytes"
	"errors"
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/unpickle"

	"github.com/nlpodyssey/gopickle/types"
)

// maxPickle is more than the pickle of any network's state dict takes, in bytes.
const maxPickle = 1 << 18

// Unmarshal returns the tensors of a state dict that torch.save wrote, in the file's order,
// under the names they have there. A dict that has the state dict under "state_dict" or
// "model_state_dict" is as good.
//
// Tensors are float32, or float64, float16 or bfloat16 and converted; one of another type
// is an error. So are compressed archives, the format from before PyTorch 1.6, and tensors
// that overlap so much that together they are larger than the file.
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
	items, err := stateDict(value)
	if err != nil {
		return nil, err
	}
	var state nn.StateDict
	for _, item := range items {
		name, ok := item.Key.(string)
		if !ok {
			return nil, errors.New("a key of the state dict is no string")
		}
		t, ok := item.Value.(*tensor)
		if !ok {
			return nil, fmt.Errorf("%.60q is no tensor: want a state dict, of tensors alone", name)
		}
		shape, values, err := t.read(a)
		if err != nil {
			return nil, fmt.Errorf("%.60q: %w", name, err)
		}
		state = append(state, nn.Tensor{Name: name, Shape: shape, Data: values})
	}
	return state, nil
}

// stateDict returns the items of the state dict in a pickle.
func stateDict(value any) ([]types.DictEntry, error) {
	all, ok := items(value)
	if !ok {
		return nil, errors.New("the file does not hold a dict: want a state dict, saved by torch.save(model.state_dict(), path)")
	}
	for _, item := range all {
		if item.Key == "state_dict" || item.Key == "model_state_dict" {
			if inner, ok := items(item.Value); ok {
				return inner, nil
			}
		}
	}
	return all, nil
}

// items returns the items of a dict of either kind, in its order.
func items(value any) ([]types.DictEntry, bool) {
	switch dict := value.(type) {
	case *types.Dict:
		return *dict, true
	case *types.OrderedDict:
		var all []types.DictEntry
		for e := dict.List.Front(); e != nil; e = e.Next() {
			entry := e.Value.(*types.OrderedDictEntry)
			all = append(all, types.DictEntry{Key: entry.Key, Value: entry.Value})
		}
		return all, true
	}
	return nil, false
}
