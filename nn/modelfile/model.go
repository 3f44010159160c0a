// Package modelfile reads and writes the files of models and of checkpoints: safetensors
// with the architecture among the metadata.
package modelfile

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/durable"

	"github.com/nlpodyssey/safetensors"
)

// formatVersion is that of the metadata. It changes when an older reader would
// make another network of them.
const formatVersion = "1"

// producer stands before the version of the program.
const producer = "wgpucnn "

// Model is a network with its weights, and what its file tells about it.
type Model struct {
	*nn.Network
	State      nn.StateDict
	ClassNames []string // by label, each different
	Training   any      // how it was trained, written as JSON; a json.RawMessage in a model that was read
	Version    string   // of the program that made it
}

// Load reads the file of a model. It may come from anywhere: whatever stands in it,
// the answer is a network whose weights are finite and fit it, or an error.
func Load(path string) (*Model, error) {
	file, err := ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("modelfile: load: %w", err)
	}
	model, err := Unmarshal(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return model, nil
}

// maxFile is more than the file of any model takes, in bytes: one must fit a GPU's binding.
const maxFile = 1 << 30

// ReadFile reads the file of a model, in any format. One of more than 1 GiB gives an
// error and takes no more memory than that.
func ReadFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s: more than %d bytes: is this a model?", path, maxFile)
	}
	return data, err
}

// Save writes a model's file, which is there as a whole or not at all.
func (m *Model) Save(path string) error {
	file, err := m.Marshal()
	if err != nil {
		return err
	}
	if err := durable.Write(path, file); err != nil {
		return fmt.Errorf("modelfile: save: %w", err)
	}
	return nil
}

// Marshal returns a model as a safetensors file: a float32 tensor for each parameter,
// by its name and shape in PyTorch, and the metadata. One more metadatum, "wgpucnn_sha256", is the
// checksum of the file: its SHA-256 with 64 zeros in the place of the checksum.
func (m *Model) Marshal() ([]byte, error) {
	metadata, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	tensors := map[string]safetensors.TensorView{}
	if err := addTensors(tensors, "", m.State); err != nil {
		return nil, err
	}
	return serialize(tensors, metadata)
}

// Metadata checks a model and returns what its file tells beside the weights, enough
// to build the network again:
//
//	format_version  of these metadata, "1"
//	architecture    JSON: the input's shape (H, W, C) and the list of layers, each
//	                with its name, kind and options in PyTorch's words
//	classes         JSON: the list of class names
//	training        JSON: Model.Training
//	producer        "wgpucnn" and the version
func (m *Model) Metadata() (map[string]string, error) {
	if err := m.CheckState(m.State); err != nil {
		return nil, err
	}
	if err := m.checkNames(); err != nil {
		return nil, err
	}
	layers, err := describe(m.Network)
	if err != nil {
		return nil, err
	}
	metadata := map[string]string{"format_version": formatVersion, "producer": producer + m.Version}
	for key, value := range map[string]any{"architecture": layers, "classes": m.ClassNames, "training": m.Training} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("modelfile: %s: %w", key, err)
		}
		metadata[key] = string(text)
	}
	return metadata, nil
}

// checkNames returns an error unless each class has a name of its own.
func (m *Model) checkNames() error {
	if len(m.ClassNames) != m.Classes() {
		return fmt.Errorf("modelfile: %d class names for %d classes", len(m.ClassNames), m.Classes())
	}
	labels := map[string]int{}
	for label, name := range m.ClassNames {
		if first, ok := labels[name]; ok {
			return fmt.Errorf("modelfile: classes %d and %d are both named %.64q: want different names", first, label, name)
		}
		labels[name] = label
	}
	return nil
}

// addTensors adds a state's tensors, with a prefix to their names.
func addTensors(tensors map[string]safetensors.TensorView, prefix string, state nn.StateDict) error {
	for _, tensor := range state {
		shape := make([]uint64, len(tensor.Shape))
		for i, d := range tensor.Shape {
			shape[i] = uint64(d)
		}
		view, err := safetensors.NewTensorView(safetensors.F32, shape, engine.Bytes(tensor.Data))
		if err != nil {
			return fmt.Errorf("modelfile: %s: %w", prefix+tensor.Name, err)
		}
		tensors[prefix+tensor.Name] = view
	}
	return nil
}

// serialize returns a safetensors file with its checksum.
func serialize(tensors map[string]safetensors.TensorView, metadata map[string]string) ([]byte, error) {
	metadata[checksumKey] = blankChecksum
	file, err := safetensors.Serialize(tensors, metadata)
	if err != nil {
		return nil, fmt.Errorf("modelfile: %w", err)
	}
	addChecksum(file)
	return file, nil
}
