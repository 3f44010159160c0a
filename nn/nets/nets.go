// Package nets reads and writes networks as short texts.
//
//	conv 16, pool max 2, relu, residual (conv 16, relu, conv 16), relu, global avg, linear
//
// A text lists layers by commas, each by its word and its numbers. What the input of a layer tells, such
// as its channels, does not stand there. The table of words is in words.go.
package nets

import (
	"fmt"
	"slices"

	"wgpucnn/nn"
)

// Spec is a network as a text describes it, before the data tell its input and its classes.
type Spec struct {
	layers []layer // the last one is a Linear
}

// layer is a layer of a text.
type layer struct {
	nn.Layer         // without what its input tells; nil for a residual block
	body     []layer // of a residual block
	bias     bias    // of a Conv2d
	place    place   // where the text has it
}

// place is where a text has a layer.
type place struct {
	text string // "conv 16 5x5"
	at   int    // its first character, from 1
}

// wrong returns an error about a layer of a text.
func (p place) wrong(format string, args ...any) error {
	if p.text == "" {
		return fmt.Errorf("at the end: %w", fmt.Errorf(format, args...))
	}
	return fmt.Errorf("%.60q, character %d: %w", p.text, p.at, fmt.Errorf(format, args...))
}

const (
	maxParameters = 1 << 28 // 1 GiB
	maxValues     = 1 << 28 // of one image behind one layer
)

// Network returns the network for images of shape in (H, W, C) and a number of classes. The images
// pass through normalize first.
func (s *Spec) Network(in nn.Shape, classes int, normalize nn.Normalize) (*nn.Network, error) {
	start, err := normalize.OutShape(in)
	if err != nil {
		return nil, err
	}
	last := s.layers[len(s.layers)-1]
	if out := last.Layer.(nn.Linear).Out; out != 0 && out != classes {
		return nil, fmt.Errorf("nets: %w", last.place.wrong("the last layer has an output for each of the %d classes: leave the number out, or put \", linear\" behind it", classes))
	}
	b := builder{classes: classes}
	layers, _, err := b.sequence(s.layers, start)
	if err != nil {
		return nil, fmt.Errorf("nets: %w", err)
	}
	return nn.NewSequential(in, append([]nn.Layer{normalize}, layers...)...)
}

// builder gives layers what their inputs tell.
type builder struct {
	classes    int
	parameters int // so far
}

// sequence returns layers that follow one another, and the shape of their output.
func (b *builder) sequence(texts []layer, in nn.Shape) ([]nn.Layer, nn.Shape, error) {
	var layers []nn.Layer
	for _, l := range texts {
		if _, ok := l.Layer.(nn.Linear); ok && len(in) > 1 {
			layers, in = append(layers, nn.Flatten{}), nn.Shape{in.Size()}
		}
		made, err := b.layer(l, in)
		if err != nil {
			return nil, nil, err
		}
		out, err := made.OutShape(in)
		if err != nil {
			return nil, nil, l.place.wrong("%w", err)
		}
		b.count(made)
		if b.parameters > maxParameters || out.Size() > maxValues {
			return nil, nil, l.place.wrong("too large a network: want at most %d parameters, and %d values behind a layer", maxParameters, maxValues)
		}
		layers, in = append(layers, made), out
	}
	return layers, in, nil
}

// count adds the parameters of a layer.
func (b *builder) count(l nn.Layer) {
	for _, p := range l.Params() {
		b.parameters += p.Shape.Size()
	}
}

// layer returns a layer with what its input tells.
func (b *builder) layer(l layer, in nn.Shape) (nn.Layer, error) {
	switch n := l.Layer.(type) {
	case nil:
		return b.residual(l, in)
	case nn.Conv2d:
		n.In = in[0]
		return n, nil
	case nn.BatchNorm2d:
		n.Features = in[0]
		return n, nil
	case nn.Linear:
		n.In = in[0]
		if n.Out == 0 { // the last layer
			n.Out = b.classes
		}
		return n, nil
	}
	return l.Layer, nil
}

// residual returns a block. Its shortcut is the identity if the body keeps the shape. Otherwise it is
// a convolution of 1x1 with the stride of the body, and a BatchNorm2d if the body ends in one.
func (b *builder) residual(l layer, in nn.Shape) (nn.Layer, error) {
	body, out, err := b.sequence(l.body, in)
	if err != nil {
		return nil, err
	}
	var shortcut []nn.Layer
	if !slices.Equal(in, out) {
		shortcut = shortcutOf(in, out)
		if shortcut == nil {
			return nil, l.place.wrong("the block makes %v of %v, and no convolution of 1x1 does: want one stride for height and width, and no padding beyond the window", out, in)
		}
	}
	if _, ok := l.body[len(l.body)-1].Layer.(nn.BatchNorm2d); ok && shortcut != nil {
		conv := shortcut[0].(nn.Conv2d)
		conv.NoBias = true
		shortcut = []nn.Layer{conv, nn.BatchNorm2d{Features: conv.Out}}
	}
	for _, l := range shortcut {
		b.count(l)
	}
	return nn.Residual(body, shortcut), nil
}

// shortcutOf returns the layers that turn maps of one shape into maps of another, or nil if no stride
// does.
func shortcutOf(in, out nn.Shape) []nn.Layer {
	if len(in) != 3 || len(out) != 3 {
		return nil
	}
	stride := 1
	if out[1] > 1 {
		stride = (in[1] - 1) / (out[1] - 1)
	} else if out[2] > 1 {
		stride = (in[2] - 1) / (out[2] - 1)
	} else {
		stride = max(in[1], in[2])
	}
	conv := nn.Conv2d{In: in[0], Out: out[0], Kernel: 1, Stride: stride}
	if got, err := conv.OutShape(in); stride < 1 || err != nil || !slices.Equal(got, out) {
		return nil
	}
	return []nn.Layer{conv}
}
