package pytorch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn"
)

// maxPrefix is the largest number of parts of a prefix.
const maxPrefix = 16

// layerNames returns the name of each of LabLayers in a state dict: the given name, the number
// in a torch.nn.Sequential, or the lab's name. The names follow the shortest prefix with which all
// three layers exist, or no prefix if none does.
func layerNames(state nn.StateDict, given map[string]string) map[string]string {
	prefix := ""
	for range maxPrefix {
		names := namesAfter(prefix, state, given)
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
	return namesAfter("", state, given)
}

// namesAfter returns the names that LabLayers would have after a prefix. Given names may
// include the prefix.
func namesAfter(prefix string, state nn.StateDict, given map[string]string) map[string]string {
	var numbers []int // of a Sequential's layers; collecting stops at one more than the lab has
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

// sharedPrefix returns the prefix extended to the next dot. It returns false unless all names
// have it.
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

// noPool reports whether the numbers of a torch.nn.Sequential leave no place for a pool. The two
// numbers between the last two layers are then the ReLU's and the Flatten's.
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

// find returns the tensor with a name.
func find(state nn.StateDict, name string) (nn.Tensor, bool) {
	for _, t := range state {
		if t.Name == name {
			return t, true
		}
	}
	return nn.Tensor{}, false
}

// NamesError is the error about a state dict whose layers fit the lab's under other names.
// Layers is the value for LabOptions.Layers.
type NamesError struct{ Layers map[string]string }

func (e *NamesError) Error() string {
	var theirs []string
	for _, layer := range LabLayers {
		theirs = append(theirs, e.Layers[layer])
	}
	return fmt.Sprintf("the layers are called %s: want %s, or the numbers of an nn.Sequential", list(theirs), strings.Join(LabLayers, ", "))
}
