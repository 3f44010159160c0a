package pytorch

import (
	"fmt"
	"slices"
	"strings"

	"wgpucnn/nn"
)

// maxListed is the number of tensors or layers that an error lists.
const maxListed = 12

// misfit returns the error about a state dict that is not the lab's, or whose layers have other
// names.
func misfit(state nn.StateDict) error {
	if err := checkRecomputed(state); err != nil {
		return err
	}
	names := map[string]string{}
	var others []string // layers that the lab's network does not have
	var unbiased []string
	named := true // whether other names of the layers would make the lab's network
	for _, l := range fileLayers(state) {
		kind := l.kind()
		if _, taken := names[kind]; taken || kind == "" {
			others = append(others, l.String())
			continue
		}
		names[kind] = l.name
		_, biased := find(l.tensors, "bias")
		if len(l.tensors) == 1 {
			unbiased = append(unbiased, l.name)
		}
		named = named && biased && len(l.tensors) == 2 && l.name != ""
	}
	switch complete := len(names) == len(LabLayers); {
	case complete && len(others) > 0:
		if more := len(others) - maxListed; more > 0 {
			others = append(others[:maxListed], fmt.Sprintf("and %d more", more))
		}
		return fmt.Errorf("the network is none of the lab's: it also has %s%s", strings.Join(others, ", "), foldAdvice(state))
	case complete && len(unbiased) > 0:
		return fmt.Errorf("no bias in %s: want one of zeros: set bias = torch.nn.Parameter(torch.zeros(channels)) and save the state dict again", list(unbiased))
	case complete && named:
		return &NamesError{names}
	}
	var have []string
	for _, t := range state[:min(len(state), maxListed)] {
		have = append(have, fmt.Sprintf("%.40q %.40s", t.Name, t.Shape))
	}
	if len(have) == 0 {
		have = []string{"no tensors of floats"}
	}
	if more := len(state) - maxListed; more > 0 {
		have = append(have, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("the file has %s: want conv1.weight (H, 3, 5, 5), conv1.bias (H), conv2.weight (2H, H, 3, 3), conv2.bias (2H), "+
		"linear1.weight (classes, features) and linear1.bias (classes), or other names of these layers: %w", strings.Join(have, ", "), nn.ErrShape)
}

// foldBatchNorm tells how to remove a BatchNorm. Its names are examples.
const foldBatchNorm = "call model.eval(), fold each BatchNorm into the convolution before it, and save the model again: " +
	"model.conv1 = torch.nn.utils.fusion.fuse_conv_bn_eval(model.conv1, model.bn1); model.bn1 = torch.nn.Identity()"

// foldAdvice returns what to do about the BatchNorms of a state dict, or "" if it has none.
func foldAdvice(state nn.StateDict) string {
	if slices.ContainsFunc(fileLayers(state), fileLayer.isBatchNorm) {
		return ": " + foldBatchNorm
	}
	return ""
}

// fileLayer is a layer of a state dict.
type fileLayer struct {
	name    string
	tensors nn.StateDict // under their names in the layer
}

// fileLayers returns the layers of a state dict in its order.
func fileLayers(state nn.StateDict) []fileLayer {
	var all []fileLayer
	index := map[string]int{}
	for _, t := range state {
		name, parameter := splitName(t.Name)
		i, ok := index[name]
		if !ok {
			i = len(all)
			index[name] = i
			all = append(all, fileLayer{name: name})
		}
		t.Name = parameter
		all[i].tensors = append(all[i].tensors, t)
	}
	return all
}

// layersOf returns the names of the layers of a state dict.
func layersOf(state nn.StateDict) []string {
	var names []string
	for _, l := range fileLayers(state) {
		names = append(names, l.name)
	}
	return names
}

// kind returns the name in LabLayers that the shape of a layer's weight fits, or "".
func (l fileLayer) kind() string {
	weight, _ := find(l.tensors, "weight")
	switch s := weight.Shape; {
	case len(s) == 2:
		return "linear1"
	case len(s) == 4 && slices.Equal(s[1:], nn.Shape{3, 5, 5}):
		return "conv1"
	case len(s) == 4 && s[0] == 2*s[1] && slices.Equal(s[2:], nn.Shape{3, 3}):
		return "conv2"
	}
	return ""
}

// isBatchNorm reports whether a layer has a BatchNorm's running mean.
func (l fileLayer) isBatchNorm() bool {
	_, ok := find(l.tensors, "running_mean")
	return ok
}

// String returns the name of a layer and its probable kind.
func (l fileLayer) String() string {
	weight, _ := find(l.tensors, "weight")
	what := "of " + fmt.Sprintf("%.40q", l.tensors[0].Name)
	switch {
	case l.isBatchNorm():
		what = "a BatchNorm"
	case len(weight.Shape) == 4:
		what = fmt.Sprintf("a Conv2d of weight %.40s", weight.Shape)
	case len(weight.Shape) == 2:
		what = fmt.Sprintf("a Linear of weight %.40s", weight.Shape)
	}
	return fmt.Sprintf("%.40q (%s)", l.name, what)
}
