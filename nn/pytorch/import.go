package pytorch

import (
	"encoding/json"
	"fmt"
	"strconv"

	"wgpucnn/nn"
)

// Import returns the model that a file holds, and what had to be assumed about it, "" for
// nothing. The file is one of Marshal, which says itself what it is; or a state dict, of
// which Lab makes a model; or a whole model of torch.nn, which torch.save(model) wrote.
//
// A whole model may be any network that nn.NewSequential makes for pictures of 32 x 32. The
// settings of its modules tell the network: torch.nn's Sequential, Conv2d, ReLU, pools,
// Flatten and Linear; Dropout and Identity are left out. A class that is not of torch.nn
// stands for the one module that it has. One without modules and parameters, in the first
// place, is taken for the normalisation, by its mean and std if it has them. Without such a
// class the normalisation is the lab's.
//
// Of the options, Pooling is for state dicts alone, and Layers must be empty for others.
func Import(file []byte, o LabOptions) (model *nn.Model, assumed string, err error) {
	model, assumed, err = importFile(file, o)
	if err != nil {
		return nil, "", fmt.Errorf("pytorch: %w", err)
	}
	return model, assumed, nil
}

func importFile(file []byte, o LabOptions) (model *nn.Model, assumed string, err error) {
	c, err := read(file)
	if err != nil {
		return nil, "", err
	}
	if c.metadata != nil {
		model, err := ownModel(c, o)
		return model, "", err
	}
	var first class // of a whole model
	if c.model != nil {
		model, first, err = wholeModel(c, o)
	} else {
		model, err = lab(c.state, o)
	}
	if err != nil {
		return nil, "", err
	}
	normalize := model.Modules[0].Layer
	if first != "" {
		return model, fmt.Sprintf("%.60q, the first module, computes %v", string(first), normalize), nil
	}
	return model, fmt.Sprintf("the network was trained on pictures that had passed through %v", normalize), nil
}

// checkClasses gives the classes names if they have none, and returns an error unless they
// are as many as the network has classes, and different.
func checkClasses(model *nn.Model) error {
	if model.ClassNames == nil {
		for i := range model.Classes() {
			model.ClassNames = append(model.ClassNames, "class"+strconv.Itoa(i))
		}
	}
	if len(model.ClassNames) != model.Classes() {
		return fmt.Errorf("%d class names for %d classes", len(model.ClassNames), model.Classes())
	}
	seen := map[string]bool{}
	for _, name := range model.ClassNames {
		if seen[name] {
			return fmt.Errorf("two classes of the name %.40q: want different names", name)
		}
		seen[name] = true
	}
	return nil
}

// origin returns what the file of an imported model says about how it came about.
func origin(source, pooling string) (json.RawMessage, error) {
	return json.Marshal(struct {
		Imported string `json:"imported"`
		Pooling  string `json:"pooling,omitempty"`
	}{source, pooling})
}
