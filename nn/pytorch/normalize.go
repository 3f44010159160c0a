package pytorch

import (
	"fmt"

	"wgpucnn/nn"
)

// newNormalize returns the layer of a mean and a deviation of three channels.
func newNormalize(mean, std []float32) (nn.Normalize, error) {
	for i := range mean {
		if !(mean[i] >= 0 && mean[i] <= 1 && std[i] > 0 && std[i] <= 1) {
			return nn.Normalize{}, fmt.Errorf("mean %v and std %v: want them for values from 0 to 1, which are those for 0 to 255 divided by 255", mean, std)
		}
	}
	return nn.Normalize{Mean: mean, Std: std}, nil
}

// normalizedBefore is the assumption about a network without a normalisation of its own.
func normalizedBefore(n nn.Normalize) string {
	return fmt.Sprintf("the network was trained on pictures that had passed through %v", n)
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
