package pytorch

import (
	"fmt"
	"strings"

	"wgpucnn/nn"

	"github.com/nlpodyssey/gopickle/types"
)

// newNormalize returns the layer of a mean and a deviation of three channels.
func newNormalize(mean, std []float32) (nn.Normalize, error) {
	for i := range mean {
		if !(mean[i] >= 0 && mean[i] <= 1 && std[i] > 0 && std[i] <= 1) {
			return nn.Normalize{}, fmt.Errorf("mean %v and std %v: want them for values from 0 to 1", mean, std)
		}
	}
	return nn.Normalize{Mean: mean, Std: std}, nil
}

// splitNormalize takes the mean and std of a layer that has nothing else out of a state
// dict. A state dict without such a layer has been trained with the lab's.
func splitNormalize(state nn.StateDict) (nn.StateDict, nn.Normalize, error) {
	for _, l := range fileLayers(state) {
		mean, isMean := find(l.tensors, "mean")
		std, isStd := find(l.tensors, "std")
		if !isMean || !isStd || len(l.tensors) != 2 || len(mean.Data) != 3 || len(std.Data) != 3 {
			continue
		}
		normalize, err := newNormalize(mean.Data, std.Data)
		if err != nil {
			return nil, normalize, fmt.Errorf("%.60q: %w", l.name, err)
		}
		var rest nn.StateDict
		for _, t := range state {
			if layer, _ := splitName(t.Name); layer != l.name {
				rest = append(rest, t)
			}
		}
		return rest, normalize, nil
	}
	return state, nn.LabNormalize, nil
}

// addUnknown takes a module whose computation is in its code for the network's Normalize.
// It must come first and have no parameters. Its mean and std count if it has them.
func (w *walk) addUnknown(m *object) error {
	if len(w.layers) > 0 || w.first != "" || hasTensors(m.attribute("_parameters")) {
		return fmt.Errorf("what it computes is in its code: want modules of torch.nn, %s: %s", strings.Join(known, ", "), wayOut)
	}
	w.first = m.class
	mean, isMean := w.channels(m, "mean")
	std, isStd := w.channels(m, "std")
	if !isMean || !isStd {
		return nil
	}
	var err error
	w.normalize, err = newNormalize(mean, std)
	return err
}

// channels returns three numbers that a module has under a name: a list, a tuple or a buffer.
func (w *walk) channels(m *object, name string) ([]float32, bool) {
	var numbers []any
	switch v := m.attribute(name).(type) {
	case *types.List:
		numbers = *v
	case *types.Tuple:
		numbers = *v
	case nil:
		buffers := object{state: m.attribute("_buffers")}
		t, ok := buffers.attribute(name).(*tensor)
		if !ok {
			return nil, false
		}
		_, values, err := t.read(w.archive)
		return values, err == nil && len(values) == 3
	}
	var values []float32
	for _, n := range numbers {
		switch v := n.(type) {
		case float64:
			values = append(values, float32(v))
		case int:
			values = append(values, float32(v))
		}
	}
	return values, len(values) == 3 && len(numbers) == 3
}
