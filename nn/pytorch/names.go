package pytorch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn"
)

// maxPrefix bounds the parts of the prefix that all names of a state dict share.
const maxPrefix = 16

// layerNames returns what a state dict calls each of LabLayers: the given names, the numbers
// of an nn.Sequential, or the lab's names. They stand behind the shortest prefix that all
// names share and that all three layers have, or behind none if there is no such prefix.
func layerNames(state nn.StateDict, given map[string]string) map[string]string {
	prefix := ""
	for range maxPrefix {
		names := namesBehind(prefix, state, given)
		if !slices.ContainsFunc(LabLayers, func(layer string) bool {
			_, ok := find(state, names[layer]+".weight")
			return !ok
		}) {
			return names
		}
		longer, ok := sharedPrefix(prefix, state)
		if !ok {
			break
		}
		prefix = longer
	}
	return namesBehind("", state, given)
}

// namesBehind returns what a state dict would call LabLayers behind a prefix. Given names
// may have the prefix or leave it out.
func namesBehind(prefix string, state nn.StateDict, given map[string]string) map[string]string {
	var numbers []int // of a Sequential's layers, up to one more than the lab's
	for _, t := range state {
		layer, _, _ := strings.Cut(strings.TrimPrefix(t.Name, prefix), ".")
		if n, err := strconv.Atoi(layer); err == nil && len(numbers) <= len(LabLayers) && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	names := map[string]string{}
	for i, layer := range LabLayers {
		name := layer
		if len(numbers) == len(LabLayers) {
			name = strconv.Itoa(numbers[i])
		}
		if g, ok := given[layer]; ok {
			name = strings.TrimPrefix(g, prefix)
		}
		names[layer] = prefix + name
	}
	return names
}

// sharedPrefix returns a prefix that is longer by a part, up to the next dot of all names.
func sharedPrefix(prefix string, state nn.StateDict) (string, bool) {
	if len(state) == 0 {
		return "", false
	}
	part, _, ok := strings.Cut(state[0].Name[len(prefix):], ".")
	longer := prefix + part + "."
	for _, t := range state {
		ok = ok && strings.HasPrefix(t.Name, longer)
	}
	return longer, ok
}

// noPool tells whether the numbers of an nn.Sequential leave no place for a pool: ReLU and
// Flatten take those between the last two layers.
func noPool(names map[string]string) bool {
	number := func(layer string) (string, int, error) {
		at := strings.LastIndexByte(names[layer], '.') + 1
		n, err := strconv.Atoi(names[layer][at:])
		return names[layer][:at], n, err
	}
	before, conv, err1 := number("conv2")
	after, linear, err2 := number("linear1")
	return err1 == nil && err2 == nil && before == after && linear-conv == 3
}

// find returns the tensor of a name.
func find(state nn.StateDict, name string) (nn.Tensor, bool) {
	for _, t := range state {
		if t.Name == name {
			return t, true
		}
	}
	return nn.Tensor{}, false
}

// NamesError is the error about a state dict whose layers fit the lab's and have other
// names. Layers says which are which, as LabOptions.Layers does.
type NamesError struct{ Layers map[string]string }

func (e *NamesError) Error() string {
	var theirs []string
	for _, layer := range LabLayers {
		theirs = append(theirs, e.Layers[layer])
	}
	return fmt.Sprintf("the layers are called %s: want %s, or the numbers of an nn.Sequential", list(theirs), strings.Join(LabLayers, ", "))
}
