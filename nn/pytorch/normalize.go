package pytorch

import (
	"fmt"

	"wgpucnn/nn"
)

// newNormalize returns the layer of a mean and a standard deviation of three channels.
func newNormalize(mean, std []float32) (nn.Normalize, error) {
	for i := range mean {
		if !(mean[i] >= 0 && mean[i] <= 1 && std[i] > 0 && std[i] <= 1) {
			return nn.Normalize{}, fmt.Errorf("mean %v and std %v: want them for values from 0 to 1: divide those for 0 to 255 by 255", mean, std)
		}
	}
	return nn.Normalize{Mean: mean, Std: std}, nil
}

// assumeNormalize is the assumption about a network without its own normalisation.
func assumeNormalize(n nn.Normalize) string {
	return fmt.Sprintf("the network was trained on pictures that had passed through %v", n)
}

// splitNormalize removes from a state dict the layer that has only a mean and a std, and
// returns it as a Normalize. If there is no such layer, it returns the lab's.
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
