package onnx

import (
	"fmt"

	"wgpucnn/nn"
)

// ONNX has no adaptive pools. A pool of one value a map is a global pool. A pool whose windows
// divide the map is an ordinary pool. Other windows have unequal sizes, from floor(i*H/Out) to
// ceil((i+1)*H/Out) - 1, and take two steps: first the rows, then the columns.

// adaptiveAvg averages unequal windows by two matrix products, (Out, H) x (H, W) x (W, Out).
// The rows of the left matrix and the columns of the right one hold the weights of the windows.
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

// adaptiveMax gathers the rows and columns of all windows side by side and pools them evenly. A
// short window repeats its last row or column.
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

// maxConstants is the largest number of constants for the unequal windows of a graph's pools:
// values of matrices, or indices of pixels.
const maxConstants = 1 << 24

// even appends the pool and returns true if all of its windows have one size. It returns an
// error if the graph would need too many constants for unequal windows.
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

// window returns the first pixel of window i along an axis, and the pixel after its last.
func window(i, size, out int) (first, end int) {
	return i * size / out, ((i+1)*size + out - 1) / out
}

// spread returns the pixels of all windows along an axis, the same number for each window.
func spread(size, out int) []int {
	widest := 0
	for i := range out {
		first, end := window(i, size, out)
		widest = max(widest, end-first)
	}
	var pixels []int
	for i := range out {
		first, end := window(i, size, out)
		for k := range widest {
			pixels = append(pixels, min(first+k, end-1))
		}
	}
	return pixels
}
