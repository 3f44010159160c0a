package pytorch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// LabOptions say what a state dict does not contain.
type LabOptions struct {
	Pooling string            // one of nn.Poolings; "" finds it from the shapes
	Classes []string          // names by label, all different; nil means class0, class1, ...
	Layers  map[string]string // the names in the file of some of LabLayers
	Source  string            // the origin of the file, for Model.Training
}

// LabLayers are the layers of the lab's network that have weights.
var LabLayers = []string{"conv1", "conv2", "linear1"}

// ErrPooling is wrapped by the error about a state dict that fits several of the lab's
// networks. The error lists them.
var ErrPooling = errors.New("the shapes do not tell the pooling")

// Lab returns the lab's network for images of 32 x 32 with the weights of a state dict. The
// names of the layers in the file are those of LabLayers, or those of o.Layers, or the numbers
// of a torch.nn.Sequential in rising order. A prefix that all names share is removed, for
// example "module." or "model.net.". Weights must be finite.
//
// The shapes give the channels and classes. If the first convolution has H channels, a Linear
// of 8H features fits "base", one of 32H features fits "stride", and one of 2Hs^2 features fits
// "max" and "avg" with a pool of size s. Most files fit several networks, and then o.Pooling
// must choose. The numbers of a torch.nn.Sequential may decide too: all networks but "stride" need a
// number for the pool.
//
// A layer that has only a mean and a std of three channels is the network's Normalize. Without
// such a layer the network gets the lab's.
//
// Model.Training is the JSON {"imported": o.Source, "pooling": ...}. If the layers fit and only
// their names differ, the error is a *NamesError.
func Lab(state nn.StateDict, o LabOptions) (*modelfile.Model, error) {
	model, err := lab(state, o)
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	return model, nil
}

func lab(state nn.StateDict, o LabOptions) (*modelfile.Model, error) {
	state, normalize, err := splitNormalize(state)
	if err != nil {
		return nil, err
	}
	names := layerNames(state, o.Layers)
	first, isFirst := find(state, names["conv1"]+".weight")
	last, isLast := find(state, names["linear1"]+".weight")
	for _, layer := range LabLayers {
		if _, ok := find(state, names[layer]+".weight"); !ok && o.Layers[layer] != "" {
			return nil, fmt.Errorf("no layer %.60q for %s: the file has %s", o.Layers[layer], layer, list(layersOf(state)))
		}
	}
	if !isFirst || !isLast || len(first.Shape) != 4 || len(last.Shape) != 2 || len(first.Data) == 0 || len(last.Data) == 0 ||
		!slices.Equal(first.Shape[1:], nn.Shape{3, 5, 5}) {
		return nil, misfit(state)
	}
	hidden, classes, features := first.Shape[0], last.Shape[0], last.Shape[1]
	variants, err := choose(o.Pooling, hidden, features, noPool(names))
	if err != nil {
		return nil, err
	}
	v := variants[0]
	network, err := nn.NewLab(v.pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: classes, Hidden: hidden, PoolSize: v.size})
	if err != nil {
		return nil, err
	}
	network.Modules[0].Layer = normalize
	model := &modelfile.Model{Network: network, ClassNames: o.Classes}
	if model.State, err = labWeights(state, names, network, v.pooling); err != nil {
		return nil, err
	}
	if len(variants) > 1 { // all of them fit the weights
		return nil, fmt.Errorf("%w: a Linear of %d features fits %s", ErrPooling, features, join(variants))
	}
	if err := checkClasses(model); err != nil {
		return nil, err
	}
	model.Training, err = origin(o.Source, v.pooling)
	return model, err
}

// labWeights returns the parameters of a network from a state dict, which must contain nothing
// else.
func labWeights(state nn.StateDict, names map[string]string, network *nn.Network, pooling string) (nn.StateDict, error) {
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

// variant is one of the lab's networks: its pooling, and the output size of an adaptive pool.
type variant struct {
	pooling string
	size    int
}

func (v variant) String() string {
	if v.pooling == "max" || v.pooling == "avg" {
		return fmt.Sprintf("%s of pool size %d", v.pooling, v.size)
	}
	return v.pooling
}

// fitting returns the variants whose Linear has the given number of features: it follows 2 *
// hidden maps of 8 x 8, or of 4 x 4 in "stride".
func fitting(hidden, features int) []variant {
	var all []variant
	switch features {
	case 8 * hidden:
		all = append(all, variant{"base", 1})
	case 32 * hidden:
		all = append(all, variant{"stride", 1})
	}
	if size := int(math.Sqrt(float64(features / (2 * hidden)))); size > 0 && features == 2*hidden*size*size {
		all = append(all, variant{"max", size}, variant{"avg", size})
	}
	return all
}

// choose returns the variant of a pooling or, for "", those that fit. noPool means that the
// file has no place for a pool; then only "stride" fits.
func choose(pooling string, hidden, features int, noPool bool) ([]variant, error) {
	all := fitting(hidden, features)
	for _, v := range all {
		if v.pooling == pooling || noPool && pooling == "" && v.pooling == "stride" {
			return []variant{v}, nil
		}
	}
	switch {
	case pooling == "max" || pooling == "avg":
		return nil, fmt.Errorf("a Linear of %d features: want %d, times a square for a larger pool, after %s of %d channels: %w",
			features, 2*hidden, pooling, hidden, nn.ErrShape)
	case pooling != "": // labWeights will report what does not fit
		return []variant{{pooling, 1}}, nil
	case len(all) == 0:
		return nil, fmt.Errorf("a Linear of %d features after %d channels fits none of the lab's networks: want %d for base, %d for stride, %d times a square for max and avg: %w",
			features, hidden, 8*hidden, 32*hidden, 2*hidden, nn.ErrShape)
	}
	return all, nil
}

func join(variants []variant) string {
	var all []string
	for _, v := range variants {
		all = append(all, v.String())
	}
	return strings.Join(all, ", ")
}
