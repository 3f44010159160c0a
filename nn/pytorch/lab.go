package pytorch

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn"
)

// LabOptions say what a state dict does not.
type LabOptions struct {
	Pooling string            // one of nn.Poolings, "" to tell it by the shapes
	Classes []string          // names by label; nil for class0, class1, ...
	Layers  map[string]string // what the file calls some of LabLayers
	Source  string            // where the state dict comes from, for Model.Training
}

// LabLayers are the layers of the lab's network that have weights.
var LabLayers = []string{"conv1", "conv2", "linear1"}

// ErrPooling is wrapped by the error about a state dict whose shapes do not tell the pooling.
var ErrPooling = errors.New("the shapes do not tell the pooling")

// Lab returns the lab's network for 32 x 32 pictures, with the weights of a state dict.
// The file calls its layers as LabLayers does, or as o.Layers says, or by the numbers that
// a torch.nn.Sequential gives; these are taken in their order. Weights must be finite.
//
// Channels and classes are counted by the shapes. With H channels of the first convolution,
// a Linear of 8H features belongs to "base" and one of 32H to "stride"; one of 2H to "max"
// or to "avg", which o.Pooling must tell. It can also tell that there is an adaptive pool
// with a larger output, whose size is counted.
//
// Model.Training is the JSON {"imported": o.Source, "pooling": ...}.
func Lab(state nn.StateDict, o LabOptions) (*nn.Model, error) {
	model, err := lab(state, o)
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	return model, nil
}

func lab(state nn.StateDict, o LabOptions) (*nn.Model, error) {
	names := layerNames(state, o.Layers)
	network, pooling, err := labNetwork(state, names, o.Pooling)
	if err != nil {
		return nil, err
	}
	model := &nn.Model{Sequential: network, ClassNames: o.Classes}
	if model.State, err = labWeights(state, names, network, pooling); err != nil {
		return nil, err
	}
	if model.ClassNames == nil {
		for i := range network.Classes() {
			model.ClassNames = append(model.ClassNames, "class"+strconv.Itoa(i))
		}
	}
	if len(model.ClassNames) != network.Classes() {
		return nil, fmt.Errorf("%d class names for %d classes", len(model.ClassNames), network.Classes())
	}
	training, err := json.Marshal(struct {
		Imported string `json:"imported"`
		Pooling  string `json:"pooling"`
	}{o.Source, pooling})
	model.Training = json.RawMessage(training)
	return model, err
}

// labNetwork returns the network that the shapes of a state dict tell, and its pooling.
func labNetwork(state nn.StateDict, names map[string]string, pooling string) (*nn.Sequential, string, error) {
	first, isFirst := find(state, names["conv1"]+".weight")
	last, isLast := find(state, names["linear1"]+".weight")
	if !isFirst || !isLast || len(first.Shape) != 4 || len(last.Shape) != 2 || len(first.Data) == 0 || len(last.Data) == 0 {
		return nil, "", misfit(state)
	}
	hidden, classes, features := first.Shape[0], last.Shape[0], last.Shape[1]
	pooling, poolSize, err := infer(pooling, hidden, features)
	if err != nil {
		return nil, "", err
	}
	network, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: classes, Hidden: hidden, PoolSize: poolSize})
	return network, pooling, err
}

// labWeights returns the parameters of a network, which must be all that a state dict has.
func labWeights(state nn.StateDict, names map[string]string, network *nn.Sequential, pooling string) (nn.StateDict, error) {
	params := network.Params()
	if len(state) != len(params) {
		return nil, misfit(state)
	}
	var weights nn.StateDict
	for _, p := range params {
		layer, parameter, _ := strings.Cut(p.Name, ".")
		t, ok := find(state, names[layer]+"."+parameter)
		if !ok {
			return nil, misfit(state)
		}
		if !slices.Equal(t.Shape, p.Shape) {
			return nil, fmt.Errorf("%.60q of shape %.60s: want %v for %s of %s: %w", t.Name, t.Shape, p.Shape, p.Name, pooling, nn.ErrShape)
		}
		weights = append(weights, nn.Tensor{Name: p.Name, Shape: p.Shape, Data: t.Data})
	}
	return weights, weights.CheckFinite()
}

// layerNames returns what a state dict calls each of LabLayers.
func layerNames(state nn.StateDict, given map[string]string) map[string]string {
	var numbers []string // of a Sequential's layers
	for _, t := range state {
		layer, _, _ := strings.Cut(t.Name, ".")
		if _, err := strconv.Atoi(layer); err == nil && !slices.Contains(numbers, layer) {
			numbers = append(numbers, layer)
		}
	}
	names := map[string]string{}
	for i, layer := range LabLayers {
		names[layer] = layer
		if len(numbers) == len(LabLayers) {
			names[layer] = numbers[i]
		}
		if name, ok := given[layer]; ok {
			names[layer] = name
		}
	}
	return names
}

func find(state nn.StateDict, name string) (nn.Tensor, bool) {
	for _, t := range state {
		if t.Name == name {
			return t, true
		}
	}
	return nn.Tensor{}, false
}

// infer returns the pooling, and the output size of an adaptive one, that leave so many
// features of 2 * hidden maps of 8 x 8, or of 4 x 4 in "stride".
func infer(pooling string, hidden, features int) (string, int, error) {
	switch {
	case pooling == "max" || pooling == "avg":
		size := int(math.Sqrt(float64(features / (2 * hidden))))
		if features != 2*hidden*size*size {
			return "", 0, fmt.Errorf("a Linear of %d features: want %d, times a square for a larger pool, after %s of %d channels", features, 2*hidden, pooling, hidden)
		}
		return pooling, size, nil
	case pooling != "":
		return pooling, 1, nil // the shapes will show whether it is so
	case features == 8*hidden:
		return "base", 1, nil
	case features == 32*hidden:
		return "stride", 1, nil
	case features == 2*hidden:
		return "", 0, fmt.Errorf("%w: a Linear of %d features comes after max and avg alike", ErrPooling, features)
	}
	return "", 0, fmt.Errorf("%w: a Linear of %d features: want %d for base, %d for stride, %d for max and avg, more for these with a larger pool",
		ErrPooling, features, 8*hidden, 32*hidden, 2*hidden)
}

// maxListed bounds the tensors that an error lists.
const maxListed = 12

// misfit is the error about a state dict that is not the lab's.
func misfit(state nn.StateDict) error {
	var have []string
	for _, t := range state[:min(len(state), maxListed)] {
		have = append(have, fmt.Sprintf("%.40q %.40s", t.Name, t.Shape))
	}
	if len(have) == 0 {
		have = []string{"no tensors"}
	}
	if more := len(state) - maxListed; more > 0 {
		have = append(have, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("the file has %s: want conv1.weight (H, 3, 5, 5), conv1.bias (H), conv2.weight (2H, H, 3, 3), conv2.bias (2H), "+
		"linear1.weight (classes, features) and linear1.bias (classes), or other names of these layers: %w", strings.Join(have, ", "), nn.ErrShape)
}
