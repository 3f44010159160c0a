package modelfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"wgpucnn/nn"
)

// architecture is a network as the metadata hold it.
type architecture struct {
	Input  nn.Shape          `json:"input"` // (H, W, C)
	Layers []json.RawMessage `json:"layers"`
}

// module is what the description of every layer has. Beside it stand the options of the
// layer's kind.
type module struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`
	Inputs []string `json:"inputs,omitempty"` // if they are not the module before
}

// describe returns the architecture of a network.
func describe(network *nn.Network) (architecture, error) {
	a := architecture{Input: network.In}
	for i, m := range network.Modules {
		kind, ok := nn.KindOf(m.Layer)
		if !ok {
			return architecture{}, fmt.Errorf("modelfile: %s: %v is no registered kind of layer", m.Name, m.Layer)
		}
		text, err := join(module{m.Name, kind.Name, network.OtherInputs(i)}, nn.Explicit(m.Layer))
		if err != nil {
			return architecture{}, fmt.Errorf("modelfile: %s: %w", m.Name, err)
		}
		a.Layers = append(a.Layers, text)
	}
	return a, nil
}

// join returns the fields of two structs as one JSON object.
func join(head, options any) (json.RawMessage, error) {
	one, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	other, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(other, []byte("{}")) {
		return one, nil
	}
	return slices.Concat(one[:len(one)-1], []byte(","), other[1:]), nil
}

// maxSize bounds every number of a description, the elements of one
// example's maps, and those of each parameter: 1 GiB of floats. Sums and products stay within an int.
const maxSize = 1 << 28

// build returns the network of a description, the inverse of describe.
func (a architecture) build() (*nn.Network, error) {
	if len(a.Input) != 3 || !fits(a.Input) {
		return nil, fmt.Errorf("modelfile: input %.100v: want (height, width, channels), at most %d elements", a.Input, maxSize)
	}
	var modules []nn.Module
	for i, text := range a.Layers {
		var head module
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, fmt.Errorf("modelfile: layer %d: architecture: %.200v", i, err)
		}
		layer, err := head.layer(text)
		if err != nil {
			return nil, fmt.Errorf("modelfile: layer %d, %.40q: %w", i, head.Name, err)
		}
		modules = append(modules, nn.Module{Name: head.Name, Layer: layer, Inputs: head.Inputs})
	}
	network, err := nn.NewNetwork(a.Input, modules...)
	if err != nil {
		return nil, fmt.Errorf("modelfile: %.300v", err) // it quotes layers, which may be long
	}
	for _, m := range network.Modules {
		if !fits(m.Out) {
			return nil, fmt.Errorf("modelfile: %s: output %v: want at most %d elements", m.Name, m.Out, maxSize)
		}
		for _, p := range m.Layer.Params() {
			if !fits(p.Shape) {
				return nil, fmt.Errorf("modelfile: %s: %s %v: want at most %d elements", m.Name, p.Name, p.Shape, maxSize)
			}
		}
	}
	return network, nil
}

// layer returns the layer of a description.
func (m module) layer(text json.RawMessage) (nn.Layer, error) {
	kind, ok := nn.KindNamed(m.Kind)
	if !ok {
		return nil, fmt.Errorf("unknown kind %.40q", m.Kind)
	}
	options, layer := kind.New()
	if err := json.Unmarshal(text, options); err != nil {
		return nil, fmt.Errorf("architecture: %.200v", err)
	}
	v := reflect.ValueOf(options).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.CanInt() && (f.Int() < 0 || f.Int() > maxSize) {
			return nil, fmt.Errorf("a size of %d: want 0 to %d", f.Int(), maxSize)
		}
	}
	return layer(), nil
}

// fits tells whether a shape has at most maxSize elements, however large its
// dimensions are.
func fits(shape nn.Shape) bool {
	room := maxSize
	for _, d := range shape {
		if d > room {
			return false
		}
		room /= max(d, 1)
	}
	return true
}
