package page

import (
	"slices"
	"testing"

	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

// The table of layers names the inputs of a layer that does not take the layer before it.
func TestLayersOfGraph(t *testing.T) {
	network := nntest.Reference(t, reference.Residual)
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b", "c"}}
	view, err := newVariantView(series{}, report.Variant{}, Variant{Model: model}, false)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range view.Layers {
		names = append(names, l.Name)
	}
	want := []string{"normalize1", "conv1", "relu1", "conv2", "relu2", "conv3", "conv4 of relu1", "add1 of conv3, conv4", "relu3",
		"conv5", "relu4", "conv6", "add2 of conv6, relu3", "relu5", "pool1", "flatten1", "linear1"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
