package nets

import (
	"cmp"
	"fmt"
	"strings"

	"wgpucnn/nn"
)

// Builtin is a network that has a name.
type Builtin struct{ Name, Brief, Text string }

// Builtins returns the networks that have a name. The first four are those of nn.NewLab, with the sizes
// of o.
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
		{"small", "for a few classes: 2.5 M multiply-adds", "conv 16, pool max 2, bn, silu, conv 24, pool max 2, bn, silu, conv 48, pool max 2, bn, silu, conv 80, bn, silu, global max"},
		{"medium", "for ten classes: 15 M", "conv 24, pool max 2, bn, silu, conv 48, pool max 2, bn, silu, conv 64, bn, silu, residual (conv 64, bn, silu, conv 64, bn), silu, conv 128, bn, silu, global max"},
		{"resnet", "for a hundred classes: 0.56 G, ResNet-18 for small images", "conv 64, bn, relu, " +
			block("conv 64") + block("conv 64") + block("conv 128 stride 2") + block("conv 128") +
			block("conv 256 stride 2") + block("conv 256") + block("conv 512 stride 2") + block("conv 512") + "global avg"},
	}
}

// block returns a residual block of ResNet-18 that begins with a convolution, and the comma behind it.
func block(first string) string {
	second, _, _ := strings.Cut(first, " stride")
	return fmt.Sprintf("residual (%s, bn, relu, %s, bn), relu, ", first, second)
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
