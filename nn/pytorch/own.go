package pytorch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// wayOut is what to do about a whole model whose code tells the network. A state dict does
// not tell it either, so that it helps the lab's networks alone.
const wayOut = "if it computes what one of the lab's networks does, save the state dict instead: torch.save(model.state_dict(), path)"

// addOwn adds what a module of a class outside torch.nn computes, as far as the file tells.
// A class with one module stands for that module. One without modules stands for the
// normalisation if it comes first. Arrays that a class has must be its mean and std, as
// another use of them would be in its code.
func (w *walk) addOwn(m *object, children []child) error {
	if strings.Contains(string(m.class), ".quantized.") {
		return errors.New("quantised: save the model that it was made of")
	}
	if len(children) > 1 {
		return fmt.Errorf("has several modules, %s, and their order is in its code: %s", list(childNames(children)), wayOut)
	}
	if len(children) == 0 && w.started() {
		return fmt.Errorf("what it computes is in its code: want modules of torch.nn, %s: %s", strings.Join(known, ", "), wayOut)
	}
	before := w.normalized
	if err := w.takeFigures(m, len(children) == 0); err != nil {
		return err
	}
	switch {
	case len(children) == 0:
		w.assume("%.60q, the first module, computes %v", string(m.class), w.normalize)
		w.normalized = true
	case w.normalized != before:
		w.assume("%.60q computes %v, then what its %.60q does", string(m.class), w.normalize, children[0].name)
	case !strings.HasPrefix(string(m.class), "torch."): // DataParallel and the like add nothing
		w.assume("%.60q computes what its %.60q does, and nothing else", string(m.class), children[0].name)
	}
	return nil
}

// started tells whether a module has been passed that computes something.
func (w *walk) started() bool { return w.normalized || len(w.layers) > 0 }

func (w *walk) assume(format string, args ...any) {
	w.assumed = append(w.assumed, fmt.Sprintf(format, args...))
}

// takeFigures takes the normalisation's mean and std from what a module has beside its
// modules. If the module is alone, without modules, everything that it has counts: without a
// mean and a std it must have nothing, and is taken for the lab's normalisation. A module
// with modules may have settings.
func (w *walk) takeFigures(m *object, alone bool) error {
	var names, others []string // of the figures, and of the arrays beside mean and std
	figures := map[string]any{}
	for _, item := range m.own() {
		name, _ := item.Key.(string)
		switch isMoment := name == "mean" || name == "std"; {
		case isMoment:
			figures[name] = item.Value
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
	mean, isMean := w.channels(figures["mean"])
	std, isStd := w.channels(figures["std"])
	if !isMean || !isStd || len(others) > 0 || w.started() {
		return fmt.Errorf("has %s of its own, whose use is in its code: want a mean and a std of three numbers each, before all layers, and no other: "+
			"if it has them under other names or in other types, rename or convert them and save it again", list(names))
	}
	w.normalized = true
	var err error
	w.normalize, err = newNormalize(mean, std)
	return err
}

// own returns what a module has beside its modules: parameters, buffers, and the attributes
// that torch.nn.Module does not give it.
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

// isArray tells whether a value is a tensor or an array of numpy.
func isArray(value any) bool {
	o, ok := value.(*object)
	_, isTensor := value.(*tensor)
	return isTensor || ok && strings.HasPrefix(string(o.class), "numpy.")
}

// channels returns three numbers: a list, a tuple or a tensor.
func (w *walk) channels(value any) ([]float32, bool) {
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
