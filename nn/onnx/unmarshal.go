package onnx

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxMetadata is more than the metadata of any model take, in bytes. Decoded JSON takes many
// times the memory of its text.
const maxMetadata = 1 << 20

// maxRank is the largest number of dimensions of a tensor: those of a convolution's weight.
const maxRank = 4

// Unmarshal returns the model of a file that Marshal wrote. The file may come from anywhere:
// Unmarshal returns a network with finite weights that fit it, or an error.
//
// The network is the one that the metadata describe, with the weights of the initializers.
// Unmarshal does not check that the nodes and their constants compute the same. If another
// program has changed the graph, the model may give other outputs than the file.
func Unmarshal(file []byte) (*modelfile.Model, error) {
	producer, graph, metadata, err := split(file)
	if err != nil {
		return nil, err
	}
	if producer != producerName {
		return nil, fmt.Errorf("onnx: not written by wgpucnn but by %.40q: want a file of \"wgpucnn export\" or a run", producer)
	}
	if _, ok := metadata["architecture"]; !ok {
		return nil, fmt.Errorf("onnx: written by an older wgpucnn, without the architecture: use the model.safetensors beside it")
	}
	model, err := modelfile.FromMetadata(metadata)
	if err != nil {
		return nil, err
	}
	if model.State, err = weights(model.Network, graph); err != nil {
		return nil, err
	}
	return model, nil
}

// split returns the parts of a ModelProto that describe the model.
func split(file []byte) (producer string, graph []byte, metadata map[string]string, err error) {
	metadata = map[string]string{}
	size := 0
	for f, err := range fields(file) {
		if err != nil {
			return "", nil, nil, err
		}
		switch f.number {
		case modelProducer:
			producer = string(f.bytes)
		case modelGraph:
			if graph != nil {
				return "", nil, nil, fmt.Errorf("onnx: two graphs: the file is damaged")
			}
			graph = f.bytes
		case modelMetadata:
			if size += len(f.bytes); size > maxMetadata {
				return "", nil, nil, fmt.Errorf("onnx: more than %d bytes of metadata: the file is damaged", maxMetadata)
			}
			var key, value string
			for f, err := range fields(f.bytes) {
				if err != nil {
					return "", nil, nil, err
				}
				switch f.number {
				case entryKey:
					key = string(f.bytes)
				case entryValue:
					value = string(f.bytes)
				}
			}
			metadata[key] = value
		}
	}
	return producer, graph, metadata, nil
}

// weights returns the network's parameters from a GraphProto.
func weights(model *nn.Network, graph []byte) (nn.StateDict, error) {
	place := map[string]int{}
	state := nn.StateDict{}
	for _, p := range model.Params() {
		place[p.Name] = len(state)
		state = append(state, nn.Tensor{Name: p.Name, Shape: p.Shape})
	}
	constants := map[string]bool{} // layers without parameters: their initializers are constants
	for _, m := range model.Modules {
		constants[m.Name] = len(m.Layer.Params()) == 0
	}
	for f, err := range fields(graph) {
		if err != nil {
			return nil, err
		}
		if f.number != graphInitializer {
			continue
		}
		t, err := unmarshalTensor(f.bytes)
		if err != nil {
			return nil, err
		}
		i, ok := place[t.name]
		if layer, _, _ := strings.Cut(t.name, "."); !ok && constants[layer] {
			continue
		} else if !ok {
			return nil, fmt.Errorf("onnx: initializer %.100q: the network has no such tensor", t.name)
		}
		if state[i].Data, err = values(t, state[i]); err != nil {
			return nil, err
		}
	}
	for _, t := range state {
		if t.Data == nil {
			return nil, fmt.Errorf("onnx: %s: the file lacks it", t.Name)
		}
	}
	return state, state.CheckFinite()
}

// values returns the values of an initializer. They must fit the parameter want, which must
// have none yet.
func values(t tensor, want nn.Tensor) ([]float32, error) {
	switch size := 4 * want.Shape.Size(); {
	case want.Data != nil:
		return nil, fmt.Errorf("onnx: %s: the file has it twice", t.name)
	case t.dtype != typeFloat:
		return nil, fmt.Errorf("onnx: %s: data type %d: want %d, FLOAT", t.name, t.dtype, typeFloat)
	case !slices.Equal(t.shape, want.Shape):
		return nil, fmt.Errorf("onnx: %s: shape %v: want %v: %w", t.name, nn.Shape(t.shape), want.Shape, nn.ErrShape)
	case len(t.data) != size:
		return nil, fmt.Errorf("onnx: %s: %d bytes of raw data: want %d", t.name, len(t.data), size)
	}
	data := make([]float32, want.Shape.Size())
	copy(engine.Bytes(data), t.data)
	return data, nil
}

// unmarshalTensor returns a TensorProto. Its data remain part of the message.
func unmarshalTensor(message []byte) (tensor, error) {
	var t tensor
	for f, err := range fields(message) {
		if err != nil {
			return t, err
		}
		switch f.number {
		case tensorDims:
			if len(t.shape) == maxRank {
				return t, fmt.Errorf("onnx: initializer %.100q: more than %d dimensions", t.name, maxRank)
			}
			t.shape = append(t.shape, int(f.varint))
		case tensorType:
			t.dtype = int(f.varint)
		case tensorName:
			t.name = string(f.bytes)
		case tensorRaw:
			t.data = f.bytes
		}
	}
	return t, nil
}

// field is a field of a message: a number, or bytes that are part of the message. Fields of
// other types, which this package never writes, have neither.
type field struct {
	number protowire.Number
	varint uint64
	bytes  []byte
}

// fields returns the fields of a message in their order.
func fields(message []byte) iter.Seq2[field, error] {
	return func(yield func(field, error) bool) {
		for rest := message; len(rest) > 0; {
			number, kind, size := protowire.ConsumeTag(rest)
			f := field{number: number}
			if size >= 0 {
				rest = rest[size:]
				switch kind {
				case protowire.VarintType:
					f.varint, size = protowire.ConsumeVarint(rest)
				case protowire.BytesType:
					f.bytes, size = protowire.ConsumeBytes(rest)
				default:
					size = protowire.ConsumeFieldValue(number, kind, rest)
				}
			}
			if size < 0 {
				yield(field{}, fmt.Errorf("onnx: byte %d of %d of a message: %w: the file is cut or damaged, or it is not ONNX",
					len(message)-len(rest), len(message), protowire.ParseError(size)))
				return
			}
			rest = rest[size:]
			if !yield(f, nil) {
				return
			}
		}
	}
}
