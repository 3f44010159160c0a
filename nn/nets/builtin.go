package nets

import (
	"cmp"
	"fmt"

	"wgpucnn/nn"
)

// Builtin is a network that has a name.
type Builtin struct{ Name, Brief, Text string }

// Builtins returns the networks that have a name. The first four are those of nn.NewLab, with the sizes
// of o. The others take maps of 32 x 32 or more.
func Builtins(o nn.LabOptions) []Builtin {
	hidden, size := cmp.Or(o.Hidden, 32), ""
	if o.PoolSize > 1 {
		size = fmt.Sprintf(" %d", o.PoolSize)
	}
	lab := func(second, pool string) string {
		return fmt.Sprintf("conv %d 5x5 stride 4, relu, conv %d%s, relu%s", hidden, 2*hidden, second, pool)
	}
	return []Builtin{
		{"base", "the lab's baseline", lab("", ", pool avg 4")},
		{"stride", "the lab's, a second convolution of stride 2", lab(" stride 2", "")},
		{"max", "the lab's, a global maximum", lab("", ", global max"+size)},
		{"avg", "the lab's, a global mean", lab("", ", global avg"+size)},
	}
}

// Find returns the network of that name.
func Find(name string, o nn.LabOptions) (Builtin, bool) {
	for _, b := range Builtins(o) {
		if b.Name == name {
			return b, true
		}
	}
	return Builtin{}, false
}

// Names returns the names of the built-in networks.
func Names() []string {
	var names []string
	for _, b := range Builtins(nn.LabOptions{}) {
		names = append(names, b.Name)
	}
	return names
}
