package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"wgpucnn/engine"
	"wgpucnn/nn"

	"github.com/nlpodyssey/safetensors"
)

// maxHeader is more than any network's header takes, in bytes. Decoded JSON is
// many times as large as its text.
const maxHeader = 1 << 20

// Unmarshal returns the network, the weights and the Info that Marshal wrote,
// Info.Training as a json.RawMessage. Metadata that it does not know are left
// aside. The file may come from anywhere: whatever stands in it, the answer is a
// network whose weights are finite and fit it, or an error.
func Unmarshal(file []byte) (*nn.Sequential, nn.StateDict, Info, error) {
	tensors, metadata, data, err := split(file)
	if err != nil {
		return nil, nil, Info{}, err
	}
	if v := metadata["format_version"]; v != formatVersion {
		return nil, nil, Info{}, fmt.Errorf("checkpoint: format_version %.20q in the metadata: want %q, of a file that wgpucnn wrote", v, formatVersion)
	}
	var description architecture
	if err := decode(metadata, "architecture", &description); err != nil {
		return nil, nil, Info{}, err
	}
	model, err := description.build()
	if err != nil {
		return nil, nil, Info{}, err
	}
	var info Info
	if err := decode(metadata, "classes", &info.Classes); err != nil {
		return nil, nil, Info{}, err
	}
	if len(info.Classes) != model.Classes() {
		return nil, nil, Info{}, fmt.Errorf("checkpoint: %d class names for %d classes", len(info.Classes), model.Classes())
	}
	var training json.RawMessage
	if err := decode(metadata, "training", &training); err != nil {
		return nil, nil, Info{}, err
	}
	info.Training = training
	info.Version = strings.TrimPrefix(metadata["producer"], producer)
	state, err := weights(model, tensors, data)
	if err != nil {
		return nil, nil, Info{}, err
	}
	return model, state, info, nil
}

// split returns the parts of a safetensors file. The tensors' offsets have been
// held to their shapes and to the data, which they cover without gap or overlap.
func split(file []byte) (tensors map[string]*safetensors.TensorInfo, metadata map[string]string, data []byte, err error) {
	if len(file) < 8 {
		return nil, nil, nil, fmt.Errorf("checkpoint: %d bytes: too short for a safetensors file", len(file))
	}
	size := binary.LittleEndian.Uint64(file)
	if size > maxHeader {
		return nil, nil, nil, fmt.Errorf("checkpoint: a header of %d bytes: want at most %d: is this a safetensors file?", size, maxHeader)
	}
	_, header, err := safetensors.ReadMetadata(file)
	if err != nil {
		// The library quotes whole values, which may be long.
		return nil, nil, nil, fmt.Errorf("checkpoint: safetensors: %.200v: the file is cut or damaged", err)
	}
	return header.Tensors(), header.Metadata(), file[8+size:], nil
}

// decode decodes the JSON under a key of the metadata.
func decode(metadata map[string]string, key string, value any) error {
	text, ok := metadata[key]
	if !ok {
		return fmt.Errorf("checkpoint: the metadata lack %s", key)
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return fmt.Errorf("checkpoint: %s: %.200v", key, err)
	}
	return nil
}

// weights returns the network's parameters, which must be all that the file has.
func weights(model *nn.Sequential, tensors map[string]*safetensors.TensorInfo, data []byte) (nn.StateDict, error) {
	var state nn.StateDict
	for _, p := range model.Params() {
		info, ok := tensors[p.Name]
		if !ok {
			return nil, fmt.Errorf("checkpoint: %s: the file lacks it", p.Name)
		}
		if info.DType != safetensors.F32 {
			return nil, fmt.Errorf("checkpoint: %s: %v: want F32", p.Name, info.DType)
		}
		if !slices.EqualFunc(info.Shape, p.Shape, func(got uint64, want int) bool { return got == uint64(want) }) {
			return nil, fmt.Errorf("checkpoint: %s: shape %.100s: want %v: %w", p.Name, fmt.Sprint(info.Shape), p.Shape, nn.ErrShape)
		}
		// The file holds as many bytes as the shape says: this allocates no more.
		values := make([]float32, p.Shape.Size())
		copy(engine.Bytes(values), data[info.DataOffsets[0]:info.DataOffsets[1]])
		for i, v := range values {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return nil, fmt.Errorf("checkpoint: %s: value %d is %v: want finite numbers: the training diverged, or the file is damaged", p.Name, i, v)
			}
		}
		state = append(state, nn.Tensor{Name: p.Name, Shape: p.Shape, Data: values})
		delete(tensors, p.Name)
	}
	for name := range tensors {
		return nil, fmt.Errorf("checkpoint: %.100q: the network has no such tensor", name)
	}
	return state, nil
}
