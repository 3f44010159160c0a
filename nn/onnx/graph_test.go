package onnx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/modelfile"
)

// residual returns a network with a strided shortcut and an identity shortcut.
func residual(t testing.TB) *modelfile.Model {
	t.Helper()
	network := nntest.Reference(t, reference.Residual)
	return &modelfile.Model{Network: network, State: network.InitState(7), ClassNames: []string{"apple", "forest", "palm_tree"}}
}

// batchNorm returns a network with a BatchNorm2d behind each convolution, whose statistics are not those of a
// new network.
func batchNorm(t testing.TB) *modelfile.Model {
	t.Helper()
	network := nntest.Reference(t, reference.BatchNorm)
	model := &modelfile.Model{Network: network, State: network.InitState(7), ClassNames: []string{"apple", "forest", "palm_tree"}}
	for i, p := range network.Params() {
		if p.Init.Scheme == nn.Constant {
			for k := range model.State[i].Data {
				model.State[i].Data[k] += 0.2 + float32(k)/20
			}
		}
	}
	return model
}

// A BatchNorm2d is a node with its four tensors, its eps, and ONNX's momentum, the part of the old statistics.
// A convolution without a bias has two inputs.
func TestMarshalBatchNorm(t *testing.T) {
	model := batchNorm(t)
	file := marshal(t, model, Options{Opset: OldestOpset})
	nodes := all(t, all(t, file, 7)[0].bytes, 1)
	conv, bn := nodes[4].bytes, nodes[5].bytes
	if got, want := text(all(t, conv, 1)), "normalize1.transpose.output conv1.weight"; got != want {
		t.Errorf("a convolution takes %s, want %s", got, want)
	}
	if got, want := text(all(t, bn, 4))+": "+text(all(t, bn, 1)), "BatchNormalization: conv1.output bn1.weight bn1.bias bn1.running_mean bn1.running_var"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for i, want := range []attribute{float("epsilon", 1e-5), float("momentum", 0.9)} {
		if got := all(t, bn, 5)[i].bytes; !bytes.Equal(got, want.marshal()) || !bytes.Equal(got[len(want.name)+2:][:5], binary.LittleEndian.AppendUint32([]byte{2<<3 | 5}, math.Float32bits(want.float))) {
			t.Errorf("attribute %d is %x, want %s of %v", i, got, want.name, want.float)
		}
	}
	got, err := Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.State, model.State) {
		t.Error("other weights were read")
	}
}

// A convolution in groups has their number. Another one has no such attribute.
func TestMarshalGroups(t *testing.T) {
	network, err := nn.NewSequential(nn.Shape{32, 32, 3}, nn.LabNormalize, nn.Conv2d{In: 3, Out: 6, Kernel: 3, Groups: 3}, nn.Conv2d{In: 6, Out: 2, Kernel: 1, Groups: 1},
		nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{})
	if err != nil {
		t.Fatal(err)
	}
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b"}}
	file := marshal(t, model, Options{Opset: OldestOpset})
	got := map[string]string{}
	for _, n := range all(t, all(t, file, 7)[0].bytes, 1) {
		for _, a := range all(t, n.bytes, 5) {
			if text(all(t, a.bytes, 1)) == "group" {
				got[text(all(t, n.bytes, 3))] = fmt.Sprint(integers(all(t, a.bytes, 3)))
			}
		}
	}
	if want := map[string]string{"conv1": "[3]"}; !maps.Equal(got, want) {
		t.Errorf("groups %v, want %v", got, want)
	}
	again, err := Unmarshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(again.Modules[1].Layer), fmt.Sprint(network.Modules[1].Layer); got != want {
		t.Errorf("read as %s, want %s", got, want)
	}
}

// Nodes take the outputs of their layers' inputs. An Add of more than two is several nodes, a Dropout is
// none. Unmarshal reads the network again.
func TestMarshalGraph(t *testing.T) {
	conv := nn.Conv2d{In: 1, Out: 1, Kernel: 1}
	network, err := nn.NewNetwork(nn.Shape{2, 2, 1}, nn.Module{Layer: nn.Normalize{Mean: []float32{0.5}, Std: []float32{1}}},
		nn.Module{Layer: conv}, nn.Module{Layer: conv, Inputs: []string{"normalize1"}},
		nn.Module{Layer: nn.Add{}, Inputs: []string{"conv2", "conv1"}}, nn.Module{Layer: nn.ReLU{}},
		nn.Module{Layer: nn.Add{}, Inputs: []string{"relu1", "conv1", "normalize1", "relu1"}},
		nn.Module{Layer: nn.Flatten{}}, nn.Module{Layer: nn.Dropout{P: 0.5}}, nn.Module{Layer: nn.Linear{In: 4, Out: 2}}, nn.Module{Layer: nn.Add{}, Inputs: []string{"linear1", "linear1"}},
		nn.Module{Layer: nn.Dropout{P: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b"}}
	want := []string{
		"normalize1.div1 Div: input normalize1.scale = normalize1.div1.output",
		"normalize1.sub Sub: normalize1.div1.output normalize1.mean = normalize1.sub.output",
		"normalize1.div2 Div: normalize1.sub.output normalize1.std = normalize1.div2.output",
		"normalize1.transpose Transpose: normalize1.div2.output = normalize1.transpose.output",
		"conv1 Conv: normalize1.transpose.output conv1.weight conv1.bias = conv1.output",
		"conv2 Conv: normalize1.transpose.output conv2.weight conv2.bias = conv2.output",
		"add1 Add: conv2.output conv1.output = add1.output",
		"relu1 Relu: add1.output = relu1.output",
		"add2.1 Add: relu1.output conv1.output = add2.1.output",
		"add2.2 Add: add2.1.output normalize1.transpose.output = add2.2.output",
		"add2 Add: add2.2.output relu1.output = add2.output",
		"flatten1 Flatten: add2.output = flatten1.output",
		"linear1 Gemm: flatten1.output linear1.weight linear1.bias = linear1.output",
		"add3 Add: linear1.output linear1.output = output",
	}
	for opset := OldestOpset; opset <= NewestOpset; opset++ {
		file := marshal(t, model, Options{Opset: opset})
		var nodes []string
		for _, n := range all(t, all(t, file, 7)[0].bytes, 1) {
			nodes = append(nodes, text(all(t, n.bytes, 3))+" "+text(all(t, n.bytes, 4))+": "+text(all(t, n.bytes, 1))+" = "+text(all(t, n.bytes, 2)))
		}
		if !slices.Equal(nodes, want) {
			t.Fatalf("opset %d: nodes\n%s\nwant\n%s", opset, strings.Join(nodes, "\n"), strings.Join(want, "\n"))
		}
		got, err := Unmarshal(file)
		if err != nil {
			t.Fatal(err)
		}
		if again := marshal(t, got, Options{Opset: opset}); !bytes.Equal(file, again) {
			t.Errorf("opset %d: the model read is written as another file", opset)
		}
	}
}
