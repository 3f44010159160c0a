// Package ref computes every operation of package shaders in float64 with plain
// loops: what the kernels are tested against. It is itself held to PyTorch by
// the vectors in testdata/golden.
//
// Tensors are row-major slices. The functions trust their caller: a slice that
// does not fit the sizes panics.
package ref
