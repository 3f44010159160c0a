package pytorch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/nn"

	"github.com/nlpodyssey/gopickle/types"
)

// wantState says how a state dict is saved.
const wantState = `want a state dict: torch.save(model.state_dict(), path)`

// held is what a pickle holds: the items of a state dict, or a whole model.
type held struct {
	state []types.DictEntry
	model *object
}

// holding returns what a value holds by itself: a whole model, or a dict with parameters or
// other tensors.
func holding(value any) (h held, parameters, ok bool) {
	if o, is := value.(*object); is && isModule(o) {
		return held{model: o}, true, true
	}
	all, _ := items(value)
	for _, item := range all {
		name, _ := item.Key.(string)
		_, is := item.Value.(*tensor)
		parameters = parameters || isParameter(name)
		ok = ok || is || parameters
	}
	return held{state: all}, parameters, ok
}

// usualKeys are where checkpoints have the state dict.
var usualKeys = []string{"state_dict", "model_state_dict", "net", "model"}

// look returns what a pickle's value holds, or what the value of one of its keys does. It
// takes the first of these that there is: the value of a usual key, as other tensors may
// stand beside it, such as the state of a random generator; the value itself, if it has
// parameters; the value of the only other key; the value itself, if it has any tensors.
func look(value any) (held, error) {
	self, parameters, ok := holding(value)
	if self.model != nil {
		return self, nil
	}
	all, isDict := items(value)
	if !isDict {
		return held{}, fmt.Errorf("the file holds %s: %s", describe(value), wantState)
	}
	found := map[string]held{}
	seen := map[any]bool{}   // the same value may stand under many keys
	var keys, usual []string // of those found
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
		if h, _, ok := holding(item.Value); ok && key != "" {
			found[key] = h
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
		return held{}, fmt.Errorf(`the file has state dicts under %s: save one of them: torch.save(torch.load("OLD.pt")[%.40q], "NEW.pt")`, list(keys), keys[0])
	case ok:
		return self, nil
	}
	return held{}, fmt.Errorf("the file holds a dict without tensors%s: %s", named(all), wantState)
}

// named says which keys a dict has.
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

// list returns names in quotes, the first few of many.
func list(names []string) string {
	const most = 6
	var quoted []string
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, fmt.Sprintf("%.40q", name))
	}
	if more := len(names) - most; more > 0 {
		quoted = append(quoted, fmt.Sprintf("%d more", more))
	}
	return strings.Join(quoted, ", ")
}

// describe says what a value is in Python.
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

// readTensors returns the tensors of a state dict. It skips tensors of integers, such as the
// num_batches_tracked of a BatchNorm, and values that are no tensors. It returns an error for
// such a value under the name of a parameter.
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
			return nil, errors.New("a key of the state dict is no string")
		}
		shape, values, err := t.read(a)
		if err != nil {
			return nil, fmt.Errorf("%.60q: %w", name, err)
		}
		state = append(state, nn.Tensor{Name: name, Shape: shape, Data: values})
	}
	return state, nil
}

// isParameter tells whether a name is that of a layer's weight or bias.
func isParameter(name string) bool {
	_, parameter := splitName(name)
	return parameter == "weight" || parameter == "bias"
}

// splitName splits the name of a tensor into those of its layer and its parameter.
func splitName(name string) (layer, parameter string) {
	dot := strings.LastIndexByte(name, '.')
	return name[:max(dot, 0)], name[dot+1:]
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
