// Package nntest has the networks and the data that tests of nn and of the packages around
// it train.
package nntest

import (
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/optim"
	"wgpucnn/testdata/golden"
)

// LabSGD is the lab's optimiser.
var LabSGD = optim.SGD{LR: 5e-3, Momentum: 0.9}

// In is the shape of the golden images.
var In = nn.Shape{golden.Height, golden.Width, golden.Channels}

// First returns the first n of images.
func First(images dataset.Images, n int) dataset.Images {
	size := images.Height * images.Width * images.Channels
	images.Pixels, images.Labels = images.Pixels[:n*size], images.Labels[:n]
	return images
}

// Data returns the first golden images as a training set, and again as a test set.
func Data(train, test int) *dataset.Dataset {
	images := golden.Images()
	return &dataset.Dataset{Name: "golden", Classes: []string{"a", "b", "c"}, Train: First(images, train), Test: First(images, test)}
}

// Reference returns a network that PyTorch trained, by its name in package reference.
func Reference(t testing.TB, name string) *nn.Network {
	t.Helper()
	network, err := reference.Network(name)
	if err != nil {
		t.Fatal(err)
	}
	return network
}

// Sequential returns a network for golden images, behind a Normalize.
func Sequential(t testing.TB, layers ...nn.Layer) *nn.Network {
	t.Helper()
	network, err := nn.NewSequential(In, append([]nn.Layer{nn.Normalize{Mean: []float32{0.5, 0.5, 0.5}, Std: []float32{0.2, 0.2, 0.2}}}, layers...)...)
	if err != nil {
		t.Fatal(err)
	}
	return network
}

// Small returns a network that trains in milliseconds.
func Small(t testing.TB) *nn.Network {
	t.Helper()
	return Sequential(t, nn.Conv2d{In: 3, Out: 4, Kernel: 4, Stride: 4}, nn.ReLU{}, nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 16, Out: 3})
}

// Kinds returns a small network of every kind of layer that chains have.
func Kinds(t testing.TB) *nn.Network {
	t.Helper()
	network, err := nn.NewSequential(nn.Shape{16, 16, 1}, nn.Normalize{Mean: []float32{0.5}, Std: []float32{0.25}},
		nn.Conv2d{In: 1, Out: 4, Kernel: 3, Padding: 1}, nn.ReLU{}, nn.MaxPool2d{Kernel: 2}, nn.Conv2d{In: 4, Out: 2, Kernel: 2, Stride: 2},
		nn.AvgPool2d{Kernel: 2, Stride: 1}, nn.AdaptiveMaxPool2d{Out: 2}, nn.SiLU{}, nn.GELU{}, nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Dropout{P: 0.25}, nn.Linear{In: 2, Out: 3})
	if err != nil {
		t.Fatal(err)
	}
	return network
}

// Wide returns values in float64.
func Wide(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}
