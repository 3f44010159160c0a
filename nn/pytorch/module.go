package pytorch

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/nn"

	"github.com/nlpodyssey/gopickle/types"
)

// isModule tells whether an object is a torch.nn.Module.
func isModule(o *object) bool {
	_, ok := items(o.attribute("_modules"))
	return ok
}

// Bounds of a whole model. Its modules may contain one another.
const (
	maxModules = 1000
	maxNested  = 32
	maxName    = 256 // bytes of a module's name
)

// wayOut is what to do about a whole model whose code tells the network.
const wayOut = "save the state dict instead: torch.save(model.state_dict(), path)"

// wholeModel returns the network of a whole model, and the class of its first module if
// that is taken for the normalisation.
func wholeModel(c contents, o LabOptions) (*nn.Model, class, error) {
	w := walk{archive: c.archive, normalize: nn.LabNormalize}
	if err := w.add("", c.model, 0); err != nil {
		return nil, "", fmt.Errorf("the whole model: %w", err)
	}
	model, err := w.model()
	if err != nil {
		return nil, "", fmt.Errorf("the whole model: %w", err)
	}
	if err := applyOptions(model, o); err != nil {
		return nil, "", err
	}
	model.Training, err = origin(o.Source, model.Pooling())
	return model, w.first, err
}

// walk is a walk through the modules of a whole model, in the order in which they compute.
type walk struct {
	archive   *archive
	modules   int // that it has passed
	normalize nn.Normalize
	first     class // of the module that normalize stands for, "" for none
	layers    []nn.Layer
	weights   nn.StateDict // of the layers, weight and bias of each
}

// add adds what a module computes. path is its name within the model.
func (w *walk) add(path string, m *object, nested int) error {
	if w.modules++; w.modules > maxModules || nested > maxNested {
		return fmt.Errorf("more than %d modules, or more than %d within one another", maxModules, maxNested)
	}
	at := fmt.Sprintf("%.60q", string(m.class))
	if path != "" {
		at = fmt.Sprintf("%.60q, of class %s", path, at)
	}
	for _, hooks := range []string{"_forward_hooks", "_forward_pre_hooks"} {
		if all, _ := items(m.attribute(hooks)); len(all) > 0 {
			return fmt.Errorf("%s: has %s, which may change what it computes: take them away and save it again", at, hooks)
		}
	}
	children, err := childrenOf(m)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	standard, isStandard := strings.CutPrefix(string(m.class), "torch.nn.modules.")
	kind := standard[strings.LastIndexByte(standard, '.')+1:]
	switch {
	case !isStandard && len(children) == 0:
		if err := w.addUnknown(m); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		return nil
	case !isStandard && len(children) > 1:
		return fmt.Errorf("%s: has several modules, %s, and their order is in its code: %s", at, list(childNames(children)), wayOut)
	case !isStandard && hasTensors(m.attribute("_parameters")):
		return fmt.Errorf("%s: has parameters of its own, and their use is in its code: %s", at, wayOut)
	case !isStandard || kind == "Sequential":
		for _, child := range children {
			if err := w.add(strings.TrimPrefix(path+"."+child.name, "."), child.module, nested+1); err != nil {
				return err
			}
		}
		return nil
	case slices.Contains(silent, kind):
		return nil
	}
	layer, err := newLayer(kind, m)
	if err == nil {
		err = w.addWeights(layer, m)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	w.layers = append(w.layers, layer)
	return nil
}

// silent are the modules that compute nothing at evaluation.
var silent = []string{"Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"}

// child is a module within another.
type child struct {
	name   string
	module *object
}

// childrenOf returns the modules of a module in their order, without losses.
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
		case item.Value == nil: // a module that was taken away
		case !named || len(name) > maxName || !ok || !isModule(o):
			return nil, fmt.Errorf("%.60q is %s: want a module of a short name", name, describe(item.Value))
		case strings.HasPrefix(string(o.class), "torch.nn.modules.loss."): // of no logits
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

// hasTensors tells whether a dict has values that are not None.
func hasTensors(dict any) bool {
	all, _ := items(dict)
	for _, item := range all {
		if item.Value != nil {
			return true
		}
	}
	return false
}

// addWeights adds the parameters of a layer, which must be those that it has here. A bias that
// is None adds zeros.
func (w *walk) addWeights(layer nn.Layer, m *object) error {
	all, _ := items(m.attribute("_parameters"))
	params := layer.Params()
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
	if len(all) > len(params) {
		return fmt.Errorf("has %d parameters: want %d", len(all), len(params))
	}
	return nil
}

// model returns the network of the layers with its weights.
func (w *walk) model() (*nn.Model, error) {
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
	model := &nn.Model{Sequential: network, State: w.weights}
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
	if err == nil { // which bounds the sizes of the maps
		_, err = nn.FromMetadata(metadata)
	}
	return model, err
}
