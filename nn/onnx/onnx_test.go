package onnx

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"

	"google.golang.org/protobuf/encoding/protowire"
)

// lab returns a lab network for three classes with its initial weights.
func lab(t testing.TB, pooling string, poolSize int) *modelfile.Model {
	t.Helper()
	network, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3, PoolSize: poolSize})
	if err != nil {
		t.Fatal(err)
	}
	return &modelfile.Model{
		Network: network, State: network.InitState(7), ClassNames: []string{"apple", "forest", "palm_tree"},
		Training: map[string]int{"epochs": 5}, Version: "v1",
	}
}

// marshal returns a model's file.
func marshal(t testing.TB, model *modelfile.Model, o Options) []byte {
	t.Helper()
	file, err := Marshal(model, o)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// all returns the fields of a message that have one number.
func all(t testing.TB, message []byte, number protowire.Number) (found []field) {
	t.Helper()
	for f, err := range fields(message) {
		if err != nil {
			t.Fatal(err)
		}
		if f.number == number {
			found = append(found, f)
		}
	}
	return found
}

func text(fields []field) string {
	var words []string
	for _, f := range fields {
		words = append(words, string(f.bytes))
	}
	return strings.Join(words, " ")
}

func integers(fields []field) []int {
	values := []int{}
	for _, f := range fields {
		values = append(values, int(f.varint))
	}
	return values
}

// The file is read field by field, by the numbers of onnx.proto.
func TestMarshal(t *testing.T) {
	model := lab(t, "base", 1)
	file := marshal(t, model, Options{Opset: 9})
	opset := all(t, file, 8)[0].bytes
	if ir, version := all(t, file, 1)[0].varint, all(t, opset, 2)[0].varint; ir != 4 || version != 9 {
		t.Errorf("IR %v, opset %v, want 4 and 9", ir, version)
	}
	if producer := text(all(t, file, 2)) + " " + text(all(t, file, 3)); producer != "wgpucnn v1" {
		t.Errorf("producer %q", producer)
	}
	metadata := map[string]string{}
	for _, f := range all(t, file, 14) {
		metadata[text(all(t, f.bytes, 1))] = text(all(t, f.bytes, 2))
	}
	want, err := model.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	want["normalization"] = `{"scale":255,"mean":[0.5074,0.4867,0.4411],"std":[0.2011,0.1987,0.2025]}`
	if !maps.Equal(metadata, want) || metadata["classes"] != `["apple","forest","palm_tree"]` {
		t.Errorf("metadata %q, want %q", metadata, want)
	}
	graph := all(t, file, 7)[0].bytes
	var nodes, initializers []string
	last := "input"
	for _, n := range all(t, graph, 1) {
		node := n.bytes
		inputs := all(t, node, 1)
		if string(inputs[0].bytes) != last {
			t.Errorf("a node takes %s, want %s", inputs[0].bytes, last)
		}
		last = text(all(t, node, 2))
		nodes = append(nodes, text(all(t, node, 3))+" "+text(all(t, node, 4))+" "+text(inputs[1:]))
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
	for _, f := range all(t, graph, 5) {
		initializers = append(initializers, fmt.Sprint(text(all(t, f.bytes, 8)), " ", integers(all(t, f.bytes, 1)), " ", len(text(all(t, f.bytes, 9)))))
	}
	wantInitializers := []string{
		"normalize1.scale [] 4", "normalize1.mean [3] 12", "normalize1.std [3] 12",
		"conv1.weight [32 3 5 5] 9600", "conv1.bias [32] 128", "conv2.weight [64 32 3 3] 73728", "conv2.bias [64] 256",
		"linear1.weight [3 256] 3072", "linear1.bias [3] 12",
	}
	if !slices.Equal(initializers, wantInitializers) {
		t.Errorf("initializers %q, want %q", initializers, wantInitializers)
	}
	if again := marshal(t, model, Options{Opset: 9}); !bytes.Equal(file, again) {
		t.Error("the same model gives another file")
	}
}

// The first dimension of input and output is free, or as large as the option says.
func TestMarshalBatch(t *testing.T) {
	model := lab(t, "max", 1)
	for batch, want := range map[int]string{0: "batch_size 32 32 3, batch_size 3", 7: "7 32 32 3, 7 3"} {
		graph := all(t, marshal(t, model, Options{Opset: 9, Batch: batch}), 7)[0].bytes
		var shapes []string
		for _, number := range []protowire.Number{11, 12} {
			typ := all(t, all(t, graph, number)[0].bytes, 2)[0].bytes
			shape := all(t, all(t, typ, 1)[0].bytes, 2)[0].bytes
			var dims []string
			for _, dim := range all(t, shape, 1) {
				for _, value := range all(t, dim.bytes, 1) {
					dims = append(dims, fmt.Sprint(value.varint))
				}
				if name := text(all(t, dim.bytes, 2)); name != "" {
					dims = append(dims, name)
				}
			}
			shapes = append(shapes, strings.Join(dims, " "))
		}
		if got := strings.Join(shapes, ", "); got != want {
			t.Errorf("batch %d: input and output %s, want %s", batch, got, want)
		}
	}
}

// Every node and every value has a unique name, which begins with the name of its layer.
func TestMarshalNames(t *testing.T) {
	for _, pooling := range nn.Poolings {
		model := lab(t, pooling, 3)
		layers := map[string]bool{}
		for _, m := range model.Modules {
			layers[m.Name] = true
		}
		graph := all(t, marshal(t, model, Options{Opset: 9}), 7)[0].bytes
		nodes, values := map[string]bool{}, map[string]bool{"input": true, "output": true}
		add := func(kind string, names map[string]bool, name string) {
			if layer, _, _ := strings.Cut(name, "."); names[name] || !layers[layer] {
				t.Errorf("%s: %s %q: want another one than before, after a layer", pooling, kind, name)
			}
			names[name] = true
		}
		for _, f := range all(t, graph, graphInitializer) {
			add("initializer", values, text(all(t, f.bytes, tensorName)))
		}
		for _, f := range all(t, graph, 1) {
			add("node", nodes, text(all(t, f.bytes, 3)))
			if output := text(all(t, f.bytes, 2)); output != "output" {
				add("value", values, output)
			}
		}
	}
}

func TestMarshalErrors(t *testing.T) {
	model := lab(t, "base", 1)
	for want, call := range map[string]func() ([]byte, error){
		"opset 8: want 9 to 26": func() ([]byte, error) { return Marshal(model, Options{Opset: 8}) },
		"opset 27":              func() ([]byte, error) { return Marshal(model, Options{Opset: 27}) },
		"batch of -1":           func() ([]byte, error) { return Marshal(model, Options{Opset: 9, Batch: -1}) },
		"5 tensors of weights": func() ([]byte, error) {
			return Marshal(&modelfile.Model{Network: model.Network, State: model.State[1:], ClassNames: model.ClassNames}, Options{Opset: 9})
		},
		"1 class names for 3 classes": func() ([]byte, error) {
			return Marshal(&modelfile.Model{Network: model.Network, State: model.State, ClassNames: []string{"a"}}, Options{Opset: 9})
		},
		"pool3: unequal windows from (1, 4095, 4095) to (1, 1024, 1024)": func() ([]byte, error) {
			pools := []nn.Layer{
				nn.Normalize{Mean: []float32{0}, Std: []float32{1}}, nn.AdaptiveMaxPool2d{Out: 1024},
				nn.AdaptiveAvgPool2d{Out: 4095}, nn.AdaptiveAvgPool2d{Out: 1024}, nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{},
			}
			network, err := nn.NewSequential(nn.Shape{4095, 2, 1}, pools...)
			if err != nil {
				return nil, err
			}
			return Marshal(&modelfile.Model{Network: network, ClassNames: []string{"a"}}, Options{Opset: 9})
		},
		"sigmoid1: no operator for Sigmoid(beta": func() ([]byte, error) {
			return nil, new(graph).module(nn.Module{Name: "sigmoid1", Layer: sigmoid{}})
		},
	} {
		if _, err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// sigmoid is a layer that the writer of ONNX does not know.
type sigmoid struct{ nn.Flatten }

func (sigmoid) String() string { return "Sigmoid(beta=1)" }
