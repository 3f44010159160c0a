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

// Import returns the model in a file, and the assumptions that it had to make, "" for none. The
// file is one of Marshal, which describes its network; or a state dict, which must fit one of
// the lab's networks (see Lab); or a whole model of torch.nn, written by torch.save(model).
//
// A whole model may be any network that nn.NewSequential makes for images of 32 x 32. Import
// reads the settings of its modules: Sequential, Conv2d, BatchNorm2d, ReLU, SiLU, GELU, pools, Flatten,
// Dropout and Linear of torch.nn. It skips Identity, Dropout1d, Dropout2d and Dropout3d. A class outside
// torch.nn with one module computes what that module computes. A class outside torch.nn without modules must come first. It is
// the normalisation: by its mean and std, or the lab's if it has no values at all. Other
// tensors of such a class are an error. So are several modules in it, as in a residual block: only
// its code knows what each of them takes. A model without a normalisation gets the lab's.
//
// Of the options, Pooling applies only to state dicts, and Layers must be empty for other
// files.
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
		model, err := describedModel(c, o)
		return model, "", err
	}
	if c.model != nil {
		model, all, err := wholeModel(c, o)
		return model, strings.Join(all, "; "), err
	}
	if model, err = lab(c.state, o); err != nil {
		return nil, "", err
	}
	return model, assumeNormalize(model.Modules[0].Layer.(nn.Normalize)), nil
}

// checkClasses names the classes if they have no names. It returns an error unless there is one
// name for each class and all are different.
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
			return fmt.Errorf("two classes have the name %.40q: want different names", name)
		}
		seen[name] = true
	}
	return nil
}

// origin returns what an imported model says about its origin, for Model.Training.
func origin(source, pooling string) (json.RawMessage, error) {
	return json.Marshal(struct {
		Imported string `json:"imported"`
		Pooling  string `json:"pooling,omitempty"`
	}{source, pooling})
}
