// Package dataset loads labelled images into memory: CIFAR-100 from the network, a folder in
// its Python layout, or images that this package draws.
package dataset

// Images is a set of labelled images.
type Images struct {
	Height, Width, Channels int
	Pixels                  []byte   // (N, Height, Width, Channels), row-major
	Labels                  []uint32 // (N), indices into the data set's classes
}

// Len returns N, the number of images.
func (m Images) Len() int { return len(m.Labels) }

// Dataset is a training set and a test set over the same classes.
type Dataset struct {
	Name    string   // "CIFAR-100", "builtin" or the folder's path
	Classes []string // names; a label is an index into them
	Train   Images
	Test    Images
}
