package nn

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/engine"

	"github.com/nlpodyssey/safetensors"
)

// maxHeader is more than any network's header takes, in bytes. Decoded JSON is
// many times as large as its text.
const maxHeader = 1 << 20

// Unmarshal returns the model of a file that Marshal wrote. Metadata that it does not
// know are left aside. As with Load, the file may come from anywhere.
func Unmarshal(file []byte) (*Model, error) {
	tensors, metadata, data, err := split(file)
	if err != nil {
		return nil, err
	}
	model, err := FromMetadata(metadata)
	if err != nil {
		return nil, err
	}
	if model.State, err = weights(model.Sequential, tensors, data); err != nil {
		return nil, err
	}
	return model, nil
}

// FromMetadata returns the model, without weights, whose Metadata these are. Like
// Unmarshal it leaves aside what it does not know, and they may come from anywhere; no
// map and no parameter has more than 2^28 values.
func FromMetadata(metadata map[string]string) (*Model, error) {
	if v := metadata["format_version"]; v != formatVersion {
		return nil, fmt.Errorf("nn: model file: format_version %.20q in the metadata: want %q, of a file that wgpucnn wrote", v, formatVersion)
	}
	var description architecture
	if err := decode(metadata, "architecture", &description); err != nil {
		return nil, err
	}
	sequential, err := description.build()
	if err != nil {
		return nil, err
	}
	model := &Model{Sequential: sequential, Version: strings.TrimPrefix(metadata["producer"], producer)}
	if err := decode(metadata, "classes", &model.ClassNames); err != nil {
		return nil, err
	}
	if len(model.ClassNames) != model.Classes() {
		return nil, fmt.Errorf("nn: model file: %d class names for %d classes", len(model.ClassNames), model.Classes())
	}
	var training json.RawMessage
	if err := decode(metadata, "training", &training); err != nil {
		return nil, err
	}
	model.Training = training
	return model, nil
}

// split returns the parts of a safetensors file. The tensors' offsets have been
// held to their shapes and to the data, which they cover without gap or overlap.
func split(file []byte) (tensors map[string]*safetensors.TensorInfo, metadata map[string]string, data []byte, err error) {
	if len(file) < 8 {
		return nil, nil, nil, fmt.Errorf("nn: model file: %d bytes: too short for a safetensors file", len(file))
	}
	size := binary.LittleEndian.Uint64(file)
	if size > maxHeader {
		return nil, nil, nil, fmt.Errorf("nn: model file: a header of %d bytes: want at most %d: is this a safetensors file?", size, maxHeader)
	}
	_, header, err := safetensors.ReadMetadata(file)
	if err != nil {
		// The library quotes whole values, which may be long.
		return nil, nil, nil, fmt.Errorf("nn: model file: safetensors: %.200v: the file is cut or damaged", err)
	}
	return header.Tensors(), header.Metadata(), file[8+size:], nil
}

// decode decodes the JSON under a key of the metadata.
func decode(metadata map[string]string, key string, value any) error {
	text, ok := metadata[key]
	if !ok {
		return fmt.Errorf("nn: model file: the metadata lack %s", key)
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return fmt.Errorf("nn: model file: %s: %.200v", key, err)
	}
	return nil
}

// weights returns the network's parameters, which must be all that the file has.
func weights(model *Sequential, tensors map[string]*safetensors.TensorInfo, data []byte) (StateDict, error) {
	var state StateDict
	for _, p := range model.Params() {
		info, ok := tensors[p.Name]
		if !ok {
			return nil, fmt.Errorf("nn: model file: %s: the file lacks it", p.Name)
		}
		if info.DType != safetensors.F32 {
			return nil, fmt.Errorf("nn: model file: %s: %v: want F32", p.Name, info.DType)
		}
		if !slices.EqualFunc(info.Shape, p.Shape, func(got uint64, want int) bool { return got == uint64(want) }) {
			return nil, fmt.Errorf("nn: model file: %s: shape %.100s: want %v: %w", p.Name, fmt.Sprint(info.Shape), p.Shape, ErrShape)
		}
		// The file holds as many bytes as the shape says: this allocates no more.
		values := make([]float32, p.Shape.Size())
		copy(engine.Bytes(values), data[info.DataOffsets[0]:info.DataOffsets[1]])
		state = append(state, Tensor{Name: p.Name, Shape: p.Shape, Data: values})
		delete(tensors, p.Name)
	}
	for name := range tensors {
		return nil, fmt.Errorf("nn: model file: %.100q: the network has no such tensor", name)
	}
	return state, state.CheckFinite()
}
