package pytorch

import (
	"encoding/json"
	"fmt"
	"strconv"

	"wgpucnn/nn"
)

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
