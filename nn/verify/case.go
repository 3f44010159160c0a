package verify

import (
	"maps"
	"math"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

// part is a part of the suite: an operation, the networks, or the trainings. The case table of an
// operation has three uses: it compares the kernels with their float64 twin, the twin with
// PyTorch and with finite differences, and it drives the benchmark.
type part struct {
	name  string // of the WGSL file, for an operation
	cases []shadertest.Case
}

// tables holds the case table of each WGSL file by the file's name. The Go file of a table
// adds it.
var tables = map[string]func() []shadertest.Case{}

// pytorch holds more cases of a file, with PyTorch's inputs and results. Tests add them; the program
// goes without their vectors.
var pytorch = map[string]func() []shadertest.Case{}

// operations returns the case table of every WGSL file, sorted by name.
func operations() []part {
	var parts []part
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		var cases []shadertest.Case
		if more := pytorch[name]; more != nil {
			cases = more()
		}
		parts = append(parts, part{name, append(cases, tables[name]()...)})
	}
	return parts
}

var nan, inf = math.NaN(), math.Inf(1)

// clearable returns how many bytes of workgroup memory a kernel may have so that it compiles in
// a moment. On OpenGL the compiler clears each value by a store of its own, and needs minutes
// for thousands of stores.
func clearable(r *shadertest.Rig) int {
	if r.Device() != nil && r.Device().Adapter().Backend == "OpenGL" {
		return 256
	}
	return math.MaxInt
}

// compiles tells whether the adapter compiles the kernels of a tiling in a moment. If it does not, the case
// is skipped.
func compiles(r *shadertest.Rig, t nn.Tiling) bool {
	if t.GPU != (nn.GPUTiling{}) && clearable(r) < math.MaxInt {
		r.Fail("the GPU family's workgroup memory takes this adapter's compiler too long, and networks have no such kernels there: %w", engine.ErrLimit)
		return false
	}
	return true
}

// narrow returns values in float32.
func narrow(values []float64) []float32 {
	narrow := make([]float32, len(values))
	for i, v := range values {
		narrow[i] = float32(v)
	}
	return narrow
}
