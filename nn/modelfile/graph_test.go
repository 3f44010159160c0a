package modelfile

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
)

// A network with branches comes back as it was. Only the layers that do not take the layer before
// them name their inputs in the file.
func TestGraph(t *testing.T) {
	network := nntest.Reference(t, reference.Residual)
	model := &Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b", "c"}}
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range network.Modules {
		if got := got.Modules[i]; got.Name != m.Name || got.Layer.String() != m.Layer.String() || !reflect.DeepEqual(got.Inputs, m.Inputs) {
			t.Errorf("layer %d: got %s %v of %q, want %s %v of %q", i, got.Name, got.Layer, got.Inputs, m.Name, m.Layer, m.Inputs)
		}
	}
	if !reflect.DeepEqual(got.State, model.State) {
		t.Error("the weights are not those that were written")
	}
	if again, err := got.Marshal(); err != nil || !bytes.Equal(again, file) {
		t.Errorf("written again it is another file: %v", err)
	}
	_, _, architecture, _ := header(t, file)
	var inputs []string
	for _, l := range architecture["layers"].([]any) {
		if in, ok := l.(object)["inputs"]; ok {
			inputs = append(inputs, fmt.Sprint(l.(object)["name"], " ", in))
		}
	}
	if got, want := strings.Join(inputs, ", "), "conv4 [relu1], add1 [conv3 conv4], add2 [conv6 relu3]"; got != want {
		t.Errorf("the file has the inputs %s, want %s", got, want)
	}
}

// A network of 10,000 modules is written and read.
func TestLargeGraph(t *testing.T) {
	layers := []nn.Layer{nn.Normalize{Mean: []float32{0}, Std: []float32{1}}}
	for range 2000 {
		layers = append(layers, nn.Residual([]nn.Layer{nn.ReLU{}, nn.ReLU{}}, []nn.Layer{nn.ReLU{}}), nn.ReLU{})
	}
	network, err := nn.NewSequential(nn.Shape{1, 2, 1}, append(layers, nn.Flatten{})...)
	if err != nil {
		t.Fatal(err)
	}
	model := &Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b"}}
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if count := len(got.Modules); count != 10_002 || got.Index("add2000") != 9999 {
		t.Errorf("%d modules, add2000 is module %d", count, got.Index("add2000"))
	}
}

// A network with BatchNorm2d and convolutions without biases comes back as it was. The file has PyTorch's
// keywords for both, and the running statistics among the weights.
func TestBatchNorm(t *testing.T) {
	network := nntest.Reference(t, reference.BatchNorm)
	model := &Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b", "c"}}
	model.State[3].Data[0] = 0.5
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`\"kind\":\"BatchNorm2d\",\"num_features\":12,\"eps\":0.00001,\"momentum\":0.1`, `\"kernel_size\":4,\"stride\":4,\"bias\":false`, `"bn1.running_mean"`} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("the file lacks %s", want)
		}
	}
	got, err := Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.State, model.State) {
		t.Error("the weights are not those that were written")
	}
	if again, err := got.Marshal(); err != nil || !bytes.Equal(again, file) {
		t.Errorf("written again it is another file: %v", err)
	}
	for from, to := range map[string]string{`\"eps\":0.00001`: `\"eps\":-0.0001`, `\"momentum\":0.1`: `\"momentum\":1.5`, `\"num_features\":12`: `\"num_features\":13`} {
		if _, err := Unmarshal(bytes.Replace(file, []byte(from), []byte(to), 1)); err == nil {
			t.Errorf("%s in place of %s is no error", to, from)
		}
	}
}
