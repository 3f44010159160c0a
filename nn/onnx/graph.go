package onnx

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"

	"wgpucnn/nn"
)

// graph is an ONNX graph.
type graph struct {
	nodes        []node
	initializers []tensor
	outputs      map[string]string // of the layers, by the layer's name
	value        string            // the output of the last node, which the next node of the same layer takes
	windows      int               // number of constants of unequal windows, see maxConstants
}

type node struct {
	name, operator string
	inputs         []string
	output         string
	attributes     []attribute
}

// attribute is an integer, a list of integers or a float.
type attribute struct {
	name  string
	kind  int // AttributeProto.AttributeType
	ints  []int
	float float32
}

// tensor is an initializer, which is a constant.
type tensor struct {
	name  string
	dtype int // TensorProto.DataType
	shape []int
	data  []byte // little-endian
}

// Values of TensorProto.DataType in onnx.proto.
const (
	typeFloat = 1
	typeInt64 = 7
)

// scale is the byte that Normalize maps to 1.
const scale = 255

func number(name string, value int) attribute {
	return attribute{name: name, kind: attributeInt, ints: []int{value}}
}

func numbers(name string, values ...int) attribute {
	return attribute{name: name, kind: attributeInts, ints: values}
}

func float(name string, value float64) attribute {
	return attribute{name: name, kind: attributeFloat, float: float32(value)}
}

// add appends a node. Its inputs are g.value and the other named values.
func (g *graph) add(name, operator string, others []string, attributes ...attribute) {
	g.nodes = append(g.nodes, node{name, operator, append([]string{g.value}, others...), name + ".output", attributes})
	g.value = name + ".output"
}

func (g *graph) floats(name string, shape []int, values []float32) {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	g.initializers = append(g.initializers, tensor{name, typeFloat, shape, data})
}

func (g *graph) ints(name string, values []int) {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	g.initializers = append(g.initializers, tensor{name, typeInt64, []int{len(values)}, data})
}

// module appends the nodes of a module, which take the outputs of its inputs. Its parameters
// must be initializers already.
func (g *graph) module(m nn.Module) error {
	var inputs []string
	for _, name := range m.Inputs {
		inputs = append(inputs, g.outputs[name])
	}
	if inputs == nil {
		inputs = []string{"input"}
	}
	g.value = inputs[0]
	if err := g.layer(m, inputs[1:]); err != nil {
		return err
	}
	g.outputs[m.Name] = g.value
	return nil
}

// layer appends the nodes of a module. The first of them takes g.value, which is the first
// input. The others are the inputs after it.
func (g *graph) layer(m nn.Module, others []string) error {
	switch l := m.Layer.(type) {
	case nn.Normalize:
		g.floats(m.Name+".scale", nil, []float32{scale})
		g.floats(m.Name+".mean", []int{len(l.Mean)}, l.Mean)
		g.floats(m.Name+".std", []int{len(l.Std)}, l.Std)
		g.add(m.Name+".div1", "Div", []string{m.Name + ".scale"})
		g.add(m.Name+".sub", "Sub", []string{m.Name + ".mean"})
		g.add(m.Name+".div2", "Div", []string{m.Name + ".std"})
		g.add(m.Name+".transpose", "Transpose", nil, numbers("perm", 0, 3, 1, 2))
	case nn.Conv2d:
		stride := max(l.Stride, 1)
		var params []string
		for _, p := range l.Params() {
			params = append(params, m.Name+"."+p.Name)
		}
		attributes := []attribute{
			numbers("kernel_shape", l.Kernel, l.Kernel), numbers("pads", l.Padding, l.Padding, l.Padding, l.Padding), numbers("strides", stride, stride),
		}
		if l.Groups > 1 {
			attributes = append(attributes, number("group", l.Groups))
		}
		g.add(m.Name, "Conv", params, attributes...)
	case nn.BatchNorm2d:
		l = nn.Explicit(l).(nn.BatchNorm2d)
		g.add(m.Name, "BatchNormalization", []string{m.Name + ".weight", m.Name + ".bias", m.Name + ".running_mean", m.Name + ".running_var"},
			float("epsilon", l.Eps), float("momentum", 1-l.Momentum)) // ONNX's momentum is the part of the old statistics
	case nn.Dropout: // does nothing outside of training
	case nn.ReLU:
		g.add(m.Name, "Relu", nil)
	case nn.SiLU:
		g.silu(m.Name)
	case nn.GELU:
		g.gelu(m.Name)
	case nn.AvgPool2d:
		g.window(m.Name, "AveragePool", l.Kernel, l.Stride)
	case nn.MaxPool2d:
		g.window(m.Name, "MaxPool", l.Kernel, l.Stride)
	case nn.AdaptiveAvgPool2d:
		return g.adaptiveAvg(m)
	case nn.AdaptiveMaxPool2d:
		return g.adaptiveMax(m)
	case nn.Flatten:
		g.add(m.Name, "Flatten", nil, number("axis", 1))
	case nn.Linear:
		g.add(m.Name, "Gemm", []string{m.Name + ".weight", m.Name + ".bias"}, number("transB", 1))
	case nn.Add:
		for i, other := range others {
			name := m.Name
			if i < len(others)-1 {
				name += fmt.Sprintf(".%d", i+1)
			}
			g.add(name, "Add", []string{other})
		}
	default:
		return fmt.Errorf("onnx: %s: no operator for %v", m.Name, m.Layer)
	}
	return nil
}

// window appends a pool with windows of kernel x kernel. A stride of 0 means kernel.
func (g *graph) window(name, operator string, kernel, stride int) {
	stride = cmp.Or(stride, kernel)
	g.add(name, operator, nil, numbers("kernel_shape", kernel, kernel), numbers("strides", stride, stride))
}
