package nets

import (
	"slices"
	"strings"

	"wgpucnn/nn"
)

// String returns the text of a network in its shortest form. Parse reads it as the same network.
func (s *Spec) String() string { return textOf(s.layers) }

func textOf(layers []layer) string {
	var all []string
	for i, l := range layers {
		all = append(all, l.String()+biasText(layers, i))
	}
	return strings.Join(all, ", ")
}

func (l layer) String() string {
	if l.Layer == nil {
		return residual + " (" + textOf(l.body) + ")"
	}
	for _, w := range words {
		if text := w.text(l.Layer); text != "" {
			return text
		}
	}
	return ""
}

// Of returns the text of a network, or false if no text describes it: it has a layer without a word,
// branches that are no residual blocks, or a shortcut of its own.
func Of(network *nn.Network) (*Spec, bool) {
	layers, ok := walk(network, network.Modules[len(network.Modules)-1].Name, network.Modules[0].Name)
	if !ok || len(layers) == 0 {
		return nil, false
	}
	last := &layers[len(layers)-1]
	if _, ok := last.Layer.(nn.Linear); !ok {
		return nil, false
	}
	last.Layer = nn.Linear{}
	s, err := Parse(textOf(layers))
	if err != nil {
		return nil, false
	}
	again, err := s.Network(network.In, network.Classes(), network.Modules[0].Layer.(nn.Normalize))
	if err != nil || !slices.EqualFunc(network.Modules, again.Modules, func(a, b nn.Module) bool {
		return a.Layer.String() == b.Layer.String() && slices.Equal(places(network, a), places(again, b))
	}) {
		return nil, false
	}
	return s, true
}

// places returns the numbers of the modules that a module takes.
func places(network *nn.Network, m nn.Module) []int {
	var all []int
	for _, name := range m.Inputs {
		all = append(all, network.Index(name))
	}
	return all
}

// walk returns the layers that lead from one module to another, without the first. It returns false
// if some of them are no layers of a text.
func walk(network *nn.Network, end, start string) ([]layer, bool) {
	var layers []layer
	for end != start {
		m := network.Modules[network.Index(end)]
		var l layer
		switch add := m.Layer == nn.Layer(nn.Add{}); {
		case len(m.Inputs) == 0:
			return nil, false
		case add && len(m.Inputs) == 2:
			end = m.Inputs[1]
			if network.Index(end) > network.Index(m.Inputs[0]) { // the shortcut's modules stand behind the body
				end = beforeShortcut(network, end)
			}
			body, ok := walk(network, m.Inputs[0], end)
			if !ok || len(body) == 0 {
				return nil, false
			}
			l.body = body
		default:
			l.Layer = bare(m.Layer)
			if l.String() == "" {
				return nil, false
			}
			end = m.Inputs[0]
		}
		layers = append(layers, l)
	}
	slices.Reverse(layers)
	return layers, true
}

// beforeShortcut returns the module whose output the shortcut that ends in a module takes. The shortcut is
// a convolution, or one and a BatchNorm2d.
func beforeShortcut(network *nn.Network, end string) string {
	m := network.Modules[network.Index(end)]
	if _, ok := m.Layer.(nn.BatchNorm2d); ok {
		m = network.Modules[network.Index(m.Inputs[0])]
	}
	if len(m.Inputs) == 0 {
		return m.Name
	}
	return m.Inputs[0]
}

// bare returns a layer without what its input tells.
func bare(l nn.Layer) nn.Layer {
	switch l := nn.Explicit(l).(type) {
	case nn.Conv2d:
		l.In, l.Init = 0, nn.Init{}
		return l
	case nn.BatchNorm2d:
		l.Features = 0
		return l
	case nn.Linear:
		l.In, l.Init = 0, nn.Init{}
		return l
	}
	return nn.Explicit(l)
}
