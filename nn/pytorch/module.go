package pytorch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"

	"github.com/nlpodyssey/gopickle/types"
)

// isModule reports whether an object is a torch.nn.Module.
func isModule(o *object) bool {
	_, ok := items(o.attribute("_modules"))
	return ok
}

// The bounds of a whole model. A hostile file may nest modules in one another.
const (
	maxModules = 1000
	maxNested  = 32
	maxName    = 256 // bytes of a module's name
)

// wholeModel returns the network of a whole model, and the assumptions about it.
func wholeModel(c contents, o LabOptions) (*modelfile.Model, []string, error) {
	w := modelReader{archive: c.archive, normalize: nn.LabNormalize}
	if err := w.add("", c.model, 0); err != nil {
		return nil, nil, fmt.Errorf("the whole model: %w", err)
	}
	model, err := w.model()
	if err != nil {
		return nil, nil, fmt.Errorf("the whole model: %w", err)
	}
	if err := applyOptions(model, o); err != nil {
		return nil, nil, err
	}
	model.Training, err = origin(o.Source, model.Pooling())
	if !w.normalized {
		w.assumed = append(w.assumed, assumeNormalize(w.normalize))
	}
	return model, w.assumed, err
}

// modelReader collects the layers of a whole model. It visits the modules in the order in which
// they compute.
type modelReader struct {
	archive    *archive
	modules    int // number of modules visited
	normalize  nn.Normalize
	normalized bool     // whether a module of the model is the normalisation
	assumed    []string // about classes outside torch.nn
	layers     []nn.Layer
	weights    nn.StateDict // weight and bias of each layer
}

// add adds what a module and the modules in it compute. path is its name in the model.
func (w *modelReader) add(path string, m *object, nested int) error {
	if w.modules++; w.modules > maxModules || nested > maxNested {
		return fmt.Errorf("more than %d modules, or more than %d within one another", maxModules, maxNested)
	}
	at := fmt.Sprintf("%.60q", string(m.class))
	if path != "" {
		at = fmt.Sprintf("%.60q, of class %s", path, at)
	}
	children, err := w.enter(m)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	for _, child := range children {
		if err := w.add(strings.TrimPrefix(path+"."+child.name, "."), child.module, nested+1); err != nil {
			return err
		}
	}
	return nil
}

// enter adds what a module itself computes, and returns the modules in it that are to be added
// next.
func (w *modelReader) enter(m *object) ([]child, error) {
	standard, isStandard := strings.CutPrefix(string(m.class), "torch.nn.modules.")
	kind := standard[strings.LastIndexByte(standard, '.')+1:]
	if isStandard && strings.HasPrefix(kind, "Lazy") {
		return nil, errors.New("has no weights yet: call the model on a batch of pictures and save it again")
	}
	if err := checkHooks(m); err != nil {
		return nil, err
	}
	children, err := childrenOf(m)
	switch {
	case err != nil:
		return nil, err
	case !isStandard:
		return children, w.addCustom(m, children)
	case kind == "Sequential":
		return children, nil
	case slices.Contains(noOps, kind):
		return nil, nil
	}
	layer, err := newLayer(kind, m)
	if err != nil {
		return nil, err
	}
	w.layers = append(w.layers, layer)
	return nil, w.addWeights(layer, m)
}

// noOps are the modules that do nothing in evaluation.
var noOps = []string{"Identity", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"}

// child is a module in another.
type child struct {
	name   string
	module *object
}

// childrenOf returns the modules in a module in order, without losses.
func childrenOf(m *object) ([]child, error) {
	all, _ := items(m.attribute("_modules"))
	if len(all) > maxModules {
		return nil, fmt.Errorf("has %d modules: want at most %d", len(all), maxModules)
	}
	var children []child
	for _, item := range all {
		name, named := item.Key.(string)
		o, ok := item.Value.(*object)
		switch {
		case item.Value == nil: // a module that was set to None
		case !named || len(name) > maxName || !ok || !isModule(o):
			return nil, fmt.Errorf("%.60q is %s: want a module with a name of at most %d bytes", name, describe(item.Value), maxName)
		case strings.HasPrefix(string(o.class), "torch.nn.modules.loss."): // a loss is not part of the network
		default:
			children = append(children, child{name, o})
		}
	}
	return children, nil
}

func childNames(children []child) []string {
	var names []string
	for _, c := range children {
		names = append(names, c.name)
	}
	return names
}

// lacks tells whether a module's parameter is None.
func (o *object) lacks(parameter string) bool {
	all, _ := items(o.attribute("_parameters"))
	return slices.ContainsFunc(all, func(item types.DictEntry) bool { return item.Key == parameter && item.Value == nil })
}

// isCount reports whether a buffer is a BatchNorm's number of batches, which no computation needs.
func isCount(item types.DictEntry) bool { return item.Key == batchCount }

// addWeights adds the parameters and the running statistics of a layer. The module must have these and no others. If the
// bias of a Linear is None, addWeights adds zeros.
func (w *modelReader) addWeights(layer nn.Layer, m *object) error {
	all, _ := items(m.attribute("_parameters"))
	params := layer.Params()
	if _, ok := layer.(nn.BatchNorm2d); ok {
		buffers, _ := items(m.attribute("_buffers"))
		all = slices.Concat(all, slices.DeleteFunc(slices.Clone(buffers), isCount))
	}
	for _, p := range params {
		at := slices.IndexFunc(all, func(item types.DictEntry) bool { return item.Key == p.Name })
		if at >= 0 && all[at].Value == nil && p.Name == "bias" {
			w.weights = append(w.weights, nn.Tensor{Shape: p.Shape, Data: make([]float32, p.Shape.Size())})
			continue
		}
		if at < 0 || all[at].Value == nil {
			return fmt.Errorf("has no %s", p.Name)
		}
		t, ok := all[at].Value.(*tensor)
		if !ok {
			return fmt.Errorf("%s is %s: want a tensor", p.Name, describe(all[at].Value))
		}
		shape, values, err := t.read(w.archive)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		if !slices.Equal(shape, p.Shape) {
			return fmt.Errorf("%s of shape %.60s: want %v: %w", p.Name, shape, p.Shape, nn.ErrShape)
		}
		w.weights = append(w.weights, nn.Tensor{Shape: p.Shape, Data: values})
	}
	none := func(item types.DictEntry) bool { return item.Value == nil }
	if count := len(slices.DeleteFunc(slices.Clone(all), none)); count > len(params) {
		return fmt.Errorf("has %d parameters: want %d", count, len(params))
	}
	return nil
}

// model returns the network of the layers with its weights.
func (w *modelReader) model() (*modelfile.Model, error) {
	if len(w.layers) == 0 {
		return nil, errors.New("has no layers")
	}
	if _, ok := w.layers[len(w.layers)-1].(nn.Linear); !ok {
		return nil, fmt.Errorf("ends in %v: want a Linear, with a value for each class", w.layers[len(w.layers)-1])
	}
	network, err := nn.NewSequential(nn.Shape{32, 32, 3}, append([]nn.Layer{w.normalize}, w.layers...)...)
	if err != nil {
		return nil, fmt.Errorf("on pictures of 32 x 32: %.300w", err)
	}
	model := &modelfile.Model{Network: network, State: w.weights}
	for i, p := range network.Params() {
		model.State[i].Name = p.Name
	}
	if err := model.State.CheckFinite(); err != nil {
		return nil, err
	}
	if err := checkClasses(model); err != nil {
		return nil, err
	}
	metadata, err := model.Metadata()
	if err == nil { // FromMetadata also checks the sizes of the maps
		_, err = modelfile.FromMetadata(metadata)
	}
	return model, err
}
