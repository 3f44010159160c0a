package pytorch

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// metadataRecord is the record of a file of Marshal that describes the network: the model's
// Metadata as JSON. PyTorch ignores it, like all extra files.
const metadataRecord = "extra/wgpucnn.json"

// maxMetadata is more than the metadata of any model take, in bytes.
const maxMetadata = 1 << 20

// metadata returns the description of the network in the archive, or nil if it has none.
func (a *archive) metadata() (map[string]string, error) {
	if _, ok := a.records[metadataRecord]; !ok {
		return nil, nil
	}
	text, err := a.record(metadataRecord)
	if err != nil {
		return nil, err
	}
	if len(text) > maxMetadata {
		return nil, fmt.Errorf("%s has %d bytes: want at most %d", metadataRecord, len(text), maxMetadata)
	}
	metadata := map[string]string{}
	if err := json.Unmarshal(text, &metadata); err != nil {
		return nil, fmt.Errorf("%s: %.200q: the file is damaged", metadataRecord, err)
	}
	return metadata, nil
}

// describedModel returns the model of a file that describes its network.
func describedModel(c contents, o LabOptions) (*modelfile.Model, error) {
	model, err := modelfile.FromMetadata(c.metadata)
	if err != nil {
		return nil, err
	}
	if len(c.state) != len(model.Params()) {
		return nil, fmt.Errorf("%d tensors for a network that has %d: the file is damaged", len(c.state), len(model.Params()))
	}
	tensors := map[string]nn.Tensor{}
	for _, t := range c.state {
		tensors[t.Name] = t
	}
	for _, p := range model.Params() {
		t, ok := tensors[p.Name]
		if !ok || !slices.Equal(t.Shape, p.Shape) {
			return nil, fmt.Errorf("no %s of shape %v: the file is damaged", p.Name, p.Shape)
		}
		model.State = append(model.State, nn.Tensor{Name: p.Name, Shape: p.Shape, Data: t.Data})
	}
	if err := model.State.CheckFinite(); err != nil {
		return nil, err
	}
	return model, applyOptions(model, o)
}

// applyOptions sets the names of the classes from the options. A file that describes its
// network has names of layers and a pooling, so the options for them do not apply.
func applyOptions(model *modelfile.Model, o LabOptions) error {
	if len(o.Layers) > 0 {
		return errors.New("other names of layers: this file describes its own layers")
	}
	if o.Classes == nil {
		return nil
	}
	model.ClassNames = o.Classes
	return checkClasses(model)
}
