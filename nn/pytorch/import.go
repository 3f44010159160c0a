package pytorch

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// Import returns the model that a file holds, and what had to be assumed about it, "" for
// nothing. The file is one of Marshal, which says itself what it is; or a state dict, of
// which Lab makes a model; or a whole model of torch.nn, which torch.save(model) wrote.
//
// A whole model may be any network that nn.NewSequential makes for pictures of 32 x 32. The
// settings of its modules tell the network: torch.nn's Sequential, Conv2d, ReLU, pools,
// Flatten and Linear; Dropout and Identity are left out. A class that is not of torch.nn
// stands for the one module that it has. Without modules, and in the first place, it stands
// for the normalisation: by its mean and std, or the lab's if it has nothing at all. Other
// tensors of such a class are an error. Without a normalisation, it is the lab's.
//
// Of the options, Pooling is for state dicts alone, and Layers must be empty for others.
func Import(file []byte, o LabOptions) (model *modelfile.Model, assumed string, err error) {
	model, assumed, err = importFile(file, o)
	if err != nil {
		return nil, "", fmt.Errorf("pytorch: %w", err)
	}
	return model, assumed, nil
}

func importFile(file []byte, o LabOptions) (model *modelfile.Model, assumed string, err error) {
	c, err := read(file)
	if err != nil {
		return nil, "", err
	}
	if c.metadata != nil {
		model, err := ownModel(c, o)
		return model, "", err
	}
	if c.model != nil {
		model, all, err := wholeModel(c, o)
		return model, strings.Join(all, "; "), err
	}
	if model, err = lab(c.state, o); err != nil {
		return nil, "", err
	}
	return model, normalizedBefore(model.Modules[0].Layer.(nn.Normalize)), nil
}

// checkClasses gives the classes names if they have none, and returns an error unless they
// are as many as the network has classes, and different.
func checkClasses(model *modelfile.Model) error {
	if model.ClassNames == nil {
		for i := range model.Classes() {
			model.ClassNames = append(model.ClassNames, "class"+strconv.Itoa(i))
		}
	}
	if model.Classes() < 2 {
		return errors.New("the network has one output: want one for each of two classes or more, as torch.nn.CrossEntropyLoss does")
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
