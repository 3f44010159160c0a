package onnx

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"

	"google.golang.org/protobuf/encoding/protowire"
)

// lab returns a lab network for three classes with its initial weights.
func lab(t *testing.T, pooling string, poolSize int) (*nn.Sequential, nn.StateDict) {
	t.Helper()
	model, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, PoolSize: poolSize})
	if err != nil {
		t.Fatal(err)
	}
	return model, model.InitState(7)
}

// fields returns the values of a message's fields of one number: []byte or uint64.
func fields(t *testing.T, message []byte, number protowire.Number) (values []any) {
	t.Helper()
	for len(message) > 0 {
		n, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		message = message[size:]
		var value any
		if kind == protowire.VarintType {
			value, size = protowire.ConsumeVarint(message)
		} else {
			value, size = protowire.ConsumeBytes(message)
		}
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		message = message[size:]
		if n == number {
			values = append(values, value)
		}
	}
	return values
}

func text(values []any) string {
	var words []string
	for _, v := range values {
		words = append(words, string(v.([]byte)))
	}
	return strings.Join(words, " ")
}

// What stands in the file, read field by field by the numbers of onnx.proto.
func TestMarshal(t *testing.T) {
	model, state := lab(t, "base", 1)
	file, err := Marshal(model, state, Options{Opset: 9, Classes: []string{"apple", "forest", "palm_tree"}, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	opset := fields(t, file, 8)[0].([]byte)
	if ir, version := fields(t, file, 1)[0], fields(t, opset, 2)[0]; ir != uint64(4) || version != uint64(9) {
		t.Errorf("IR %v, opset %v, want 4 and 9", ir, version)
	}
	if producer := text(fields(t, file, 2)) + " " + text(fields(t, file, 3)); producer != "wgpucnn v1" {
		t.Errorf("producer %q", producer)
	}
	entry := fields(t, file, 14)[0].([]byte)
	if got := text(fields(t, entry, 1)) + " " + text(fields(t, entry, 2)); got != `classes ["apple","forest","palm_tree"]` {
		t.Errorf("metadata %q", got)
	}
	graph := fields(t, file, 7)[0].([]byte)
	var nodes, initializers []string
	last := "input"
	for _, n := range fields(t, graph, 1) {
		node := n.([]byte)
		inputs := fields(t, node, 1)
		if string(inputs[0].([]byte)) != last {
			t.Errorf("a node takes %s, want %s", inputs[0], last)
		}
		last = text(fields(t, node, 2))
		nodes = append(nodes, text(fields(t, node, 3))+" "+text(fields(t, node, 4))+" "+text(inputs[1:]))
	}
	if last != "output" {
		t.Errorf("the last node's output is %s", last)
	}
	wantNodes := []string{
		"normalize1.div1 Div normalize1.scale", "normalize1.sub Sub normalize1.mean", "normalize1.div2 Div normalize1.std",
		"normalize1.transpose Transpose ", "conv1 Conv conv1.weight conv1.bias", "relu1 Relu ", "conv2 Conv conv2.weight conv2.bias",
		"relu2 Relu ", "pool1 AveragePool ", "flatten1 Flatten ", "linear1 Gemm linear1.weight linear1.bias",
	}
	if !slices.Equal(nodes, wantNodes) {
		t.Errorf("nodes %q, want %q", nodes, wantNodes)
	}
	for _, i := range fields(t, graph, 5) {
		tensor := i.([]byte)
		initializers = append(initializers, fmt.Sprint(text(fields(t, tensor, 8)), " ", fields(t, tensor, 1), " ", len(fields(t, tensor, 9)[0].([]byte))))
	}
	wantInitializers := []string{
		"normalize1.scale [] 4", "normalize1.mean [3] 12", "normalize1.std [3] 12",
		"conv1.weight [32 3 5 5] 9600", "conv1.bias [32] 128", "conv2.weight [64 32 3 3] 73728", "conv2.bias [64] 256",
		"linear1.weight [3 256] 3072", "linear1.bias [3] 12",
	}
	if !slices.Equal(initializers, wantInitializers) {
		t.Errorf("initializers %q, want %q", initializers, wantInitializers)
	}
	again, err := Marshal(model, state, Options{Opset: 9, Classes: []string{"apple", "forest", "palm_tree"}, Version: "v1"})
	if err != nil || !bytes.Equal(file, again) {
		t.Errorf("the same network gives another file: %v", err)
	}
}

func TestMarshalErrors(t *testing.T) {
	model, state := lab(t, "base", 1)
	for want, call := range map[string]func() ([]byte, error){
		"opset 8: want 9 to 26":        func() ([]byte, error) { return Marshal(model, state, Options{Opset: 8}) },
		"opset 27":                     func() ([]byte, error) { return Marshal(model, state, Options{Opset: 27}) },
		"5 tensors of weights":         func() ([]byte, error) { return Marshal(model, state[1:], Options{Opset: 9}) },
		"1 class names for 3 classes":  func() ([]byte, error) { return Marshal(model, state, Options{Opset: 9, Classes: []string{"a"}}) },
		"no operator for Sigmoid(beta": func() ([]byte, error) { return Marshal(unknown(t), nil, Options{Opset: 9}) },
	} {
		if _, err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// sigmoid is a layer that ONNX's writer has not heard of.
type sigmoid struct{ nn.Flatten }

func (sigmoid) String() string { return "Sigmoid(beta=1)" }

func unknown(t *testing.T) *nn.Sequential {
	t.Helper()
	model, err := nn.NewSequential(nn.Shape{1, 1, 1}, nn.Normalize{Mean: []float32{0}, Std: []float32{1}}, sigmoid{})
	if err != nil {
		t.Fatal(err)
	}
	return model
}
