package modelfile

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/engine"
	"wgpucnn/nn"

	"github.com/nlpodyssey/safetensors"
)

// maxHeader is more than any network's header takes, in bytes. Decoded JSON is
// many times as large as its text.
const maxHeader = 1 << 20

// Unmarshal returns the model of a file that Marshal wrote. Metadata that it does not
// know are left aside. As with Load, the file may come from anywhere.
func Unmarshal(file []byte) (*Model, error) {
	f, err := split(file)
	if err != nil {
		return nil, err
	}
	model, err := f.model()
	if err != nil {
		return nil, err
	}
	if _, ok := f.metadata[checkpointKey]; ok && len(f.tensors) > 0 {
		return nil, errors.New("modelfile: this is the checkpoint of a training: want the model.safetensors that it left")
	}
	return model, f.end()
}

// ErrForeign is wrapped by the error about a file of another program.
var ErrForeign = errors.New("not written by wgpucnn")

// FromMetadata returns the model, without weights, whose Metadata these are. Like
// Unmarshal it leaves aside what it does not know, and they may come from anywhere; no
// map and no parameter has more than 2^28 values.
func FromMetadata(metadata map[string]string) (*Model, error) {
	v, ok := metadata["format_version"]
	if !ok {
		return nil, fmt.Errorf("modelfile: %w: the metadata have no format_version", ErrForeign)
	}
	if v != formatVersion {
		return nil, fmt.Errorf("modelfile: format_version %.20q in the metadata: want %q, of a file that wgpucnn wrote", v, formatVersion)
	}
	var description architecture
	if err := decode(metadata, "architecture", &description); err != nil {
		return nil, err
	}
	network, err := description.build()
	if err != nil {
		return nil, err
	}
	model := &Model{Network: network, Version: strings.TrimPrefix(metadata["producer"], producer)}
	if err := decode(metadata, "classes", &model.ClassNames); err != nil {
		return nil, err
	}
	if err := model.checkNames(); err != nil {
		return nil, err
	}
	var training json.RawMessage
	if err := decode(metadata, "training", &training); err != nil {
		return nil, err
	}
	model.Training = training
	return model, nil
}

// IsSafetensors tells whether a file begins as a safetensors file does: with the length of the
// header in 8 bytes, and the header, which is JSON.
func IsSafetensors(file []byte) bool { return len(file) > 8 && file[8] == '{' }

// contents are the parts of a safetensors file. The tensors' offsets have been held to
// their shapes and to the data, which they cover without gap or overlap.
type contents struct {
	metadata map[string]string
	tensors  map[string]*safetensors.TensorInfo // those that have not been asked for yet
	data     []byte
}

// split takes a safetensors file apart.
func split(file []byte) (contents, error) {
	if len(file) < 8 {
		return contents{}, fmt.Errorf("modelfile: %d bytes: too short for a safetensors file", len(file))
	}
	size := binary.LittleEndian.Uint64(file)
	if size > maxHeader {
		return contents{}, fmt.Errorf("modelfile: a header of %d bytes: want at most %d: is this a safetensors file?", size, maxHeader)
	}
	_, header, err := safetensors.ReadMetadata(file)
	if err != nil {
		// The library quotes whole values, which may be long.
		return contents{}, fmt.Errorf("modelfile: safetensors: %.200v: the file is cut or damaged", err)
	}
	if err := checkChecksum(file, 8+size, header.Metadata()); err != nil {
		return contents{}, err
	}
	return contents{header.Metadata(), header.Tensors(), file[8+size:]}, nil
}

// decode decodes the JSON under a key of the metadata.
func decode(metadata map[string]string, key string, value any) error {
	text, ok := metadata[key]
	if !ok {
		return fmt.Errorf("modelfile: the metadata lack %s", key)
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return fmt.Errorf("modelfile: %s: %.200v", key, err)
	}
	return nil
}

// model returns the model of a file that may hold other tensors too.
func (f contents) model() (*Model, error) {
	model, err := FromMetadata(f.metadata)
	if err != nil {
		return nil, err
	}
	model.State, err = f.weights("", model.Params())
	return model, err
}

// weights returns a tensor for each parameter, by its name behind a prefix.
func (f contents) weights(prefix string, params []nn.Param) (nn.StateDict, error) {
	var state nn.StateDict
	for _, p := range params {
		data, err := f.tensor(prefix+p.Name, safetensors.F32, p.Shape)
		if err != nil {
			return nil, err
		}
		// The file holds as many bytes as the shape says: this allocates no more.
		values := make([]float32, p.Shape.Size())
		copy(engine.Bytes(values), data)
		state = append(state, nn.Tensor{Name: p.Name, Shape: p.Shape, Data: values})
	}
	return state, state.CheckFinite()
}

// tensor returns the bytes of a tensor, once.
func (f contents) tensor(name string, dtype safetensors.DType, shape nn.Shape) ([]byte, error) {
	info, ok := f.tensors[name]
	if !ok {
		return nil, fmt.Errorf("modelfile: %s: the file lacks it", name)
	}
	if info.DType != dtype {
		return nil, fmt.Errorf("modelfile: %s: %v: want %v", name, info.DType, dtype)
	}
	if !slices.EqualFunc(info.Shape, shape, func(got uint64, want int) bool { return got == uint64(want) }) {
		return nil, fmt.Errorf("modelfile: %s: shape %.100s: want %v: %w", name, fmt.Sprint(info.Shape), shape, nn.ErrShape)
	}
	delete(f.tensors, name)
	return f.data[info.DataOffsets[0]:info.DataOffsets[1]], nil
}

// end returns an error if there is a tensor that was not asked for.
func (f contents) end() error {
	for name := range f.tensors {
		return fmt.Errorf("modelfile: %.100q: the network has no such tensor", name)
	}
	return nil
}
