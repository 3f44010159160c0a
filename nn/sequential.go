package nn

import (
	"fmt"
	"strings"
)

// NewSequential returns the network whose layers follow one another, for images of shape in
// (H, W, C). See NewNetwork for what it checks. A Residual among the layers becomes
// branches that an Add joins.
func NewSequential(in Shape, layers ...Layer) (*Network, error) {
	c := &chain{names: names{}}
	for _, layer := range layers {
		c.place(layer)
	}
	return NewNetwork(in, c.modules...)
}

// Residual returns a block whose body and shortcut take the same input. The block's output
// is the sum of their outputs, which must have one shape.
//
//	y = body(x) + shortcut(x)
//
// An empty shortcut is the identity. NewSequential alone knows such a block.
func Residual(body, shortcut []Layer) Layer { return residual{body: body, shortcut: shortcut} }

type residual struct {
	stateless
	body, shortcut []Layer
}

// String returns the block's layers.
func (r residual) String() string {
	list := func(layers []Layer) string {
		words := make([]string, len(layers))
		for i, l := range layers {
			words[i] = l.String()
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("Residual(body=[%s], shortcut=[%s])", list(r.body), list(r.shortcut))
}

// OutShape returns the shape of the sum.
func (r residual) OutShape(in ...Shape) (Shape, error) {
	x, err := one(r, in)
	if err != nil {
		return nil, err
	}
	ends := [2]Shape{x, x}
	for i, branch := range [][]Layer{r.body, r.shortcut} {
		for _, layer := range branch {
			if ends[i], err = layer.OutShape(ends[i]); err != nil {
				return nil, err
			}
		}
	}
	return Add{}.OutShape(ends[:]...)
}

// chain lists the modules of layers that follow one another.
type chain struct {
	modules []Module
	names   names
	last    string // the module whose output the next layer takes
}

// place appends the modules of a layer. It leaves a block at the start as it is: NewNetwork
// refuses that.
func (c *chain) place(layer Layer) {
	block, ok := layer.(residual)
	if !ok || len(c.modules) == 0 {
		c.module(layer, c.last)
		return
	}
	start := c.last
	ends := make([]string, 2)
	for i, branch := range [][]Layer{block.body, block.shortcut} {
		c.last = start
		for _, layer := range branch {
			c.place(layer)
		}
		ends[i] = c.last
	}
	c.module(Add{}, ends...)
}

func (c *chain) module(layer Layer, inputs ...string) {
	m := Module{Name: c.names.next(layer), Layer: layer}
	if len(c.modules) > 0 {
		m.Inputs = inputs
	}
	c.modules = append(c.modules, m)
	c.last = m.Name
}
