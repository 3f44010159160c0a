// Package ref computes every operation of package shaders in float64 with plain loops. The tests
// compare the kernels with it, and compare it with PyTorch's results in testdata/golden.
//
// Tensors are row-major slices. The functions do not check sizes: a slice that does not fit
// panics.
package ref
