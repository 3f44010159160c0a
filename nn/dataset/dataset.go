// Package dataset loads labelled images into memory: CIFAR-100 from the network, folders of pictures,
// the published forms of CIFAR-10 and CIFAR-100, arrays of numpy, or images that this package draws.
package dataset

import "slices"

// Images is a set of labelled images. The bytes of an image are planes: all pixels of its first
// channel row by row, then those of the next. CIFAR's files and the GPU have the same layout.
type Images struct {
	Height, Width, Channels int
	Pixels                  []byte   // (N, Channels, Height, Width)
	Labels                  []uint32 // (N), indices into the data set's classes
}

// Len returns N, the number of images.
func (m Images) Len() int { return len(m.Labels) }

// AppendInterleaved appends an image pixel by pixel, (Height, Width, Channels), as picture files
// and ONNX models have it.
func (m Images) AppendInterleaved(pixels []byte, row int) []byte {
	plane, start := m.Height*m.Width, len(pixels)
	size := m.Channels * plane
	pixels = slices.Grow(pixels, size)[:start+size]
	for c := range m.Channels {
		first := row*size + c*plane
		for i, value := range m.Pixels[first : first+plane] {
			pixels[start+i*m.Channels+c] = value
		}
	}
	return pixels
}

// Dataset is a training set and a test set over the same classes.
type Dataset struct {
	Name    string   // "CIFAR-100", "builtin" or the path of the folder or file
	Classes []string // names; a label is an index into them
	Train   Images
	Test    Images
	Reading *Reading // how pictures were read, nil for data without picture files
}
