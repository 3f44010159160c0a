package onnx

import (
	"maps"
	"math"
	"slices"

	"wgpucnn/nn"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of onnx.proto (github.com/onnx/onnx), with the fields that this package writes
// and their numbers.

type modelProto struct {
	ir, opset     int
	version       string
	graph         *graph
	input, output valueInfo
	metadata      map[string]string
}

// valueInfo is a tensor of floats. Its first dimension is the batch; 0 means a free dimension.
type valueInfo struct {
	name  string
	batch int
	shape nn.Shape
}

const producerName = "wgpucnn"

// The numbers of the fields that are also read, by message.
const (
	modelProducer = 2
	modelGraph    = 7
	modelMetadata = 14

	graphInitializer = 5

	tensorDims = 1
	tensorType = 2
	tensorName = 8
	tensorRaw  = 9

	entryKey   = 1
	entryValue = 2
)

// Values of AttributeProto.AttributeType.
const (
	attributeFloat = 1
	attributeInt   = 2
	attributeInts  = 7
)

// message is a protocol buffer message that is being written.
type message []byte

func (m *message) int(field protowire.Number, value int) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(value))
}

func (m *message) bytes(field protowire.Number, value []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), value)
}

func (m *message) string(field protowire.Number, value string) { m.bytes(field, []byte(value)) }

// marshal returns a ModelProto.
func (m modelProto) marshal() []byte {
	var opset, out message
	opset.string(1, "") // the default domain
	opset.int(2, m.opset)
	out.int(1, m.ir)
	out.string(modelProducer, producerName)
	out.string(3, m.version)
	out.bytes(modelGraph, m.graph.marshal(m.input, m.output))
	out.bytes(8, opset)
	for _, key := range slices.Sorted(maps.Keys(m.metadata)) {
		var entry message
		entry.string(entryKey, key)
		entry.string(entryValue, m.metadata[key])
		out.bytes(modelMetadata, entry)
	}
	return out
}

// marshal returns a GraphProto.
func (g *graph) marshal(input, output valueInfo) (out message) {
	for _, n := range g.nodes {
		out.bytes(1, n.marshal())
	}
	out.string(2, "wgpucnn")
	for _, t := range g.initializers {
		out.bytes(graphInitializer, t.marshal())
	}
	out.bytes(11, input.marshal())
	out.bytes(12, output.marshal())
	return out
}

// marshal returns a NodeProto.
func (n node) marshal() (out message) {
	for _, input := range n.inputs {
		out.string(1, input)
	}
	out.string(2, n.output)
	out.string(3, n.name)
	out.string(4, n.operator)
	for _, a := range n.attributes {
		out.bytes(5, a.marshal())
	}
	return out
}

// marshal returns an AttributeProto.
func (a attribute) marshal() (out message) {
	out.string(1, a.name)
	switch a.kind {
	case attributeFloat:
		out = protowire.AppendFixed32(protowire.AppendTag(out, 2, protowire.Fixed32Type), math.Float32bits(a.float))
	case attributeInt:
		out.int(3, a.ints[0])
	case attributeInts:
		for _, v := range a.ints {
			out.int(8, v)
		}
	}
	out.int(20, a.kind)
	return out
}

// marshal returns a TensorProto.
func (t tensor) marshal() (out message) {
	for _, d := range t.shape {
		out.int(tensorDims, d)
	}
	out.int(tensorType, t.dtype)
	out.string(tensorName, t.name)
	out.bytes(tensorRaw, t.data)
	return out
}

// marshal returns a ValueInfoProto.
func (v valueInfo) marshal() (out message) {
	var batch, shape, tensor, typ message
	if v.batch > 0 {
		batch.int(1, v.batch)
	} else {
		batch.string(2, "batch_size")
	}
	shape.bytes(1, batch)
	for _, d := range v.shape {
		var dim message
		dim.int(1, d)
		shape.bytes(1, dim)
	}
	tensor.int(1, typeFloat)
	tensor.bytes(2, shape)
	typ.bytes(1, tensor)
	out.string(1, v.name)
	out.bytes(2, typ)
	return out
}
