package onnx

import (
	"fmt"

	"wgpucnn/nn"
)

// ONNX has no adaptive pools. One value a map is a global pool, and windows that
// divide the map are a pool like any other. Windows of unequal sizes, from
// floor(i*H/Out) to ceil((i+1)*H/Out) - 1, take two steps, rows then columns.

// adaptiveAvg averages unequal windows by multiplying with a matrix from either
// side, (Out, H) x (H, W) x (W, Out), whose rows or columns hold a window's weights.
func (g *graph) adaptiveAvg(m nn.Module) error {
	h, w, out := m.In[1], m.In[2], m.Out[1]
	if done, err := g.even(m, "GlobalAveragePool", "AveragePool"); done || err != nil {
		return err
	}
	rows, cols := make([]float32, out*h), make([]float32, w*out)
	for i := range out {
		first, end := window(i, h, out)
		for row := first; row < end; row++ {
			rows[i*h+row] = 1 / float32(end-first)
		}
		first, end = window(i, w, out)
		for col := first; col < end; col++ {
			cols[col*out+i] = 1 / float32(end-first)
		}
	}
	g.floats(m.Name+".rows", []int{out, h}, rows)
	g.floats(m.Name+".columns", []int{w, out}, cols)
	g.add(m.Name+".rows", "MatMul", nil)
	last := &g.nodes[len(g.nodes)-1]
	last.inputs = []string{m.Name + ".rows", last.inputs[0]}
	g.add(m.Name+".columns", "MatMul", []string{m.Name + ".columns"})
	return nil
}

// adaptiveMax sets the rows and columns of all windows side by side, those of
// short windows filled up with their last one, and pools them evenly.
func (g *graph) adaptiveMax(m nn.Module) error {
	h, w, out := m.In[1], m.In[2], m.Out[1]
	if done, err := g.even(m, "GlobalMaxPool", "MaxPool"); done || err != nil {
		return err
	}
	rows, cols := spread(h, out), spread(w, out)
	g.ints(m.Name+".rows", rows)
	g.ints(m.Name+".columns", cols)
	g.add(m.Name+".rows", "Gather", []string{m.Name + ".rows"}, number("axis", 2))
	g.add(m.Name+".columns", "Gather", []string{m.Name + ".columns"}, number("axis", 3))
	kernel := []int{len(rows) / out, len(cols) / out}
	g.add(m.Name, "MaxPool", nil, numbers("kernel_shape", kernel...), numbers("strides", kernel...))
	return nil
}

// maxConstants bounds what the unequal windows of a graph's pools take: values of
// matrices, or pixels side by side.
const maxConstants = 1 << 24

// even appends the pool if its windows are all of one size, and tells whether they are.
// Unequal ones give an error where a graph takes too many constants for them.
func (g *graph) even(m nn.Module, global, operator string) (bool, error) {
	h, w, out := m.In[1], m.In[2], m.Out[1]
	switch {
	case out == 1:
		g.add(m.Name, global, nil)
	case h%out == 0 && w%out == 0:
		g.add(m.Name, operator, nil, numbers("kernel_shape", h/out, w/out), numbers("strides", h/out, w/out))
	default:
		if g.windows += out * (h + w); g.windows > maxConstants {
			return false, fmt.Errorf("onnx: %s: unequal windows from %v to %v: want at most %d constants for such pools", m.Name, m.In, m.Out, maxConstants)
		}
		return false, nil
	}
	return true, nil
}

// window returns the first pixel of window i along an axis, and one past its last.
func window(i, size, out int) (first, end int) {
	return i * size / out, ((i+1)*size + out - 1) / out
}

// spread returns the pixels of all windows along an axis, as many for each.
func spread(size, out int) []int {
	most := 0
	for i := range out {
		first, end := window(i, size, out)
		most = max(most, end-first)
	}
	var pixels []int
	for i := range out {
		first, end := window(i, size, out)
		for k := range most {
			pixels = append(pixels, min(first+k, end-1))
		}
	}
	return pixels
}
