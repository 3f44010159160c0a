package pytorch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/nn"

	"github.com/nlpodyssey/gopickle/types"
)

// wantState tells how to save a state dict.
const wantState = `want a state dict: torch.save(model.state_dict(), path)`

// stateOrModel is what a pickle contains: the items of a state dict, or a whole model.
type stateOrModel struct {
	state []types.DictEntry
	model *object
}

// classify returns the state dict or whole model that a value is. parameters reports whether a
// state dict has parameters, ok whether the value is a whole model or has any tensors.
func classify(value any) (found stateOrModel, parameters, ok bool) {
	if o, is := value.(*object); is && isModule(o) {
		return stateOrModel{model: o}, true, true
	}
	all, _ := items(value)
	for _, item := range all {
		name, _ := item.Key.(string)
		_, is := item.Value.(*tensor)
		parameters = parameters || isParameter(name)
		ok = ok || is || parameters
	}
	return stateOrModel{state: all}, parameters, ok
}

// usualKeys are the keys under which checkpoints have the state dict.
var usualKeys = []string{"state_dict", "model_state_dict", "net", "model"}

// findState returns the state dict or whole model of a pickle. It tries in this order: the
// value of a usual key, because other tensors may be beside it, for example the state of a
// random generator; the pickle's value itself, if it has parameters; the value of the only
// other key that has tensors; the pickle's value itself, if it has any tensors.
func findState(value any) (stateOrModel, error) {
	self, parameters, ok := classify(value)
	if self.model != nil {
		return self, nil
	}
	all, isDict := items(value)
	if !isDict {
		return stateOrModel{}, fmt.Errorf("the file holds %s: %s", describe(value), wantState)
	}
	found := map[string]stateOrModel{}
	seen := map[any]bool{}   // the same value may have many keys
	var keys, usual []string // keys of the values found
	for _, item := range all {
		switch item.Value.(type) {
		case *types.Dict, *types.OrderedDict, *object:
			if seen[item.Value] {
				continue
			}
			seen[item.Value] = true
		default:
			continue
		}
		key, _ := item.Key.(string)
		if value, _, ok := classify(item.Value); ok && key != "" {
			found[key] = value
			keys = append(keys, key)
			if slices.Contains(usualKeys, key) {
				usual = append(usual, key)
			}
		}
	}
	if len(usual) > 0 {
		keys = usual
	}
	switch {
	case parameters && len(usual) == 0:
		return self, nil
	case len(keys) == 1:
		return found[keys[0]], nil
	case len(keys) > 1:
		return stateOrModel{}, fmt.Errorf(`the file has state dicts under %s: save one of them: torch.save(torch.load("OLD.pt")[%.40q], "NEW.pt")`, list(keys), keys[0])
	case ok:
		return self, nil
	}
	return stateOrModel{}, fmt.Errorf("the file holds a dict without tensors%s: %s", named(all), wantState)
}

// named lists the keys of a dict.
func named(all []types.DictEntry) string {
	var keys []string
	for _, item := range all {
		if key, ok := item.Key.(string); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return ", of " + list(keys)
}

// list quotes names, the first few if there are many.
func list(names []string) string {
	const listed = 6
	var quoted []string
	for _, name := range names[:min(len(names), listed)] {
		quoted = append(quoted, fmt.Sprintf("%.40q", name))
	}
	if more := len(names) - listed; more > 0 {
		quoted = append(quoted, fmt.Sprintf("%d more", more))
	}
	return strings.Join(quoted, ", ")
}

// describe returns what a value is in Python.
func describe(value any) string {
	switch v := value.(type) {
	case *object:
		return fmt.Sprintf("an object of %.60q", string(v.class))
	case class:
		return fmt.Sprintf("the class %.60q", string(v))
	case *tensor:
		return "a tensor"
	case *types.Dict, *types.OrderedDict:
		return "a dict"
	case *types.List:
		return "a list"
	case *types.Tuple:
		return "a tuple"
	case string:
		return "a string"
	case nil:
		return "None"
	case int, float64, bool:
		return "a number"
	}
	return "something else"
}

// readTensors returns the tensors of a state dict. It skips tensors of integers, for example a
// BatchNorm's num_batches_tracked, and values that are no tensors. A value that is no tensor
// and has the name of a parameter is an error.
func readTensors(a *archive, all []types.DictEntry) (nn.StateDict, error) {
	var state nn.StateDict
	for _, item := range all {
		name, named := item.Key.(string)
		t, ok := item.Value.(*tensor)
		switch {
		case !ok && isParameter(name):
			return nil, fmt.Errorf("%.60q is %s: want a tensor", name, describe(item.Value))
		case !ok || integers[t.storage.class]:
			continue
		case !named:
			return nil, errors.New("a key of the state dict is not a string")
		}
		shape, values, err := t.read(a)
		if err != nil {
			return nil, fmt.Errorf("%.60q: %w", name, err)
		}
		state = append(state, nn.Tensor{Name: name, Shape: shape, Data: values})
	}
	return state, nil
}

// isParameter reports whether a name is that of a weight or bias.
func isParameter(name string) bool {
	_, parameter := splitName(name)
	return parameter == "weight" || parameter == "bias"
}

// splitName splits the name of a tensor into the names of its layer and its parameter.
func splitName(name string) (layer, parameter string) {
	dot := strings.LastIndexByte(name, '.')
	return name[:max(dot, 0)], name[dot+1:]
}

// items returns the items of a dict or an ordered dict, in order.
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
