package pytorch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// saveStateDict tells what to do about a whole model whose order of modules is only in its
// code. A state dict does not contain that order either, so this helps only for the lab's
// networks.
const saveStateDict = "if it computes what one of the lab's networks does, save the state dict instead: torch.save(model.state_dict(), path)"

// addCustom adds what a module of a class outside torch.nn computes, as far as the file shows
// it. A class with one module computes what that module computes. A class without modules is
// the normalisation if it comes first. If a class has arrays, they must be its mean and std,
// because only its code knows any other use.
func (w *modelReader) addCustom(m *object, children []child) error {
	if strings.Contains(string(m.class), ".quantized.") {
		return errors.New("quantised: save the model that it was made of")
	}
	if len(children) > 1 {
		return fmt.Errorf("has several modules, %s, and their order is in its code: %s", list(childNames(children)), saveStateDict)
	}
	if len(children) == 0 && w.started() {
		return fmt.Errorf("what it computes is in its code: want modules of torch.nn, %s: %s", strings.Join(supported, ", "), saveStateDict)
	}
	before := w.normalized
	if err := w.takeNormalize(m, len(children) == 0); err != nil {
		return err
	}
	switch {
	case len(children) == 0:
		w.assume("%.60q, the first module, computes %v", string(m.class), w.normalize)
		w.normalized = true
	case w.normalized != before:
		w.assume("%.60q computes %v, then what its %.60q does", string(m.class), w.normalize, children[0].name)
	case !strings.HasPrefix(string(m.class), "torch."): // wrappers of PyTorch, for example DataParallel, need no assumption
		w.assume("%.60q computes what its %.60q does, and nothing else", string(m.class), children[0].name)
	}
	return nil
}

// started reports whether a module that computes something has been visited.
func (w *modelReader) started() bool { return w.normalized || len(w.layers) > 0 }

func (w *modelReader) assume(format string, args ...any) {
	w.assumed = append(w.assumed, fmt.Sprintf(format, args...))
}

// takeNormalize sets the normalisation from a module's values other than modules. alone means
// that the module has no modules in it. Then every value counts: it must have a mean and a std
// and nothing else, or no values, and then it is the lab's normalisation. A module with modules
// in it may also have settings.
func (w *modelReader) takeNormalize(m *object, alone bool) error {
	var names, others []string // all names that count; those of arrays other than mean and std
	moments := map[string]any{}
	for _, item := range m.own() {
		name, _ := item.Key.(string)
		switch isMoment := name == "mean" || name == "std"; {
		case isMoment:
			moments[name] = item.Value
		case isArray(item.Value):
			others = append(others, name)
		case !alone:
			continue
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	mean, isMean := w.channels(moments["mean"])
	std, isStd := w.channels(moments["std"])
	if !isMean || !isStd || len(others) > 0 || w.started() {
		return fmt.Errorf("has %s of its own, whose use is in its code: want a mean and a std of three numbers each, before all layers, and no other: "+
			"if it has them under other names or in other types, rename or convert them and save it again", list(names))
	}
	w.normalized = true
	var err error
	w.normalize, err = newNormalize(mean, std)
	return err
}

// own returns a module's values other than modules: parameters, buffers, and the attributes
// that its class adds to torch.nn.Module.
func (o *object) own() []types.DictEntry {
	var all []types.DictEntry
	for _, dict := range []any{o.attribute("_parameters"), o.attribute("_buffers"), o.state} {
		entries, _ := items(dict)
		for _, item := range entries {
			name, _ := item.Key.(string)
			if item.Value != nil && name != "" && name[0] != '_' && name != "training" {
				all = append(all, item)
			}
		}
	}
	return all
}

// isArray reports whether a value is a tensor or a numpy array.
func isArray(value any) bool {
	o, ok := value.(*object)
	_, isTensor := value.(*tensor)
	return isTensor || ok && strings.HasPrefix(string(o.class), "numpy.")
}

// channels returns the three numbers of a list, a tuple or a tensor.
func (w *modelReader) channels(value any) ([]float32, bool) {
	var numbers []any
	switch v := value.(type) {
	case *types.List:
		numbers = *v
	case *types.Tuple:
		numbers = *v
	case *tensor:
		_, values, err := v.read(w.archive)
		return values, err == nil && len(values) == 3
	}
	var values []float32
	for _, n := range numbers[:min(len(numbers), 4)] {
		switch v := n.(type) {
		case float64:
			values = append(values, float32(v))
		case int:
			values = append(values, float32(v))
		}
	}
	return values, len(values) == 3 && len(numbers) == 3
}
