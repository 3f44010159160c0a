package ref

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/nlpodyssey/safetensors"
)

// How far a twin may be from PyTorch: both compute in float64, in other orders.
const goldenTolerance = 1e-12

// vectors are the tensors of one case of testdata/golden/<operation>.safetensors.
type vectors struct {
	t    *testing.T
	name string
	file safetensors.SafeTensors
}

// golden runs check on each case of an operation, with its configuration.
func golden[Config any](t *testing.T, operation string, check func(*testing.T, Config, vectors)) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/golden/" + operation + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Deserialize(data)
	if err != nil {
		t.Fatal(err)
	}
	_, metadata, err := safetensors.ReadMetadata(data)
	if err != nil {
		t.Fatal(err)
	}
	cases := []byte(metadata.Metadata()["cases"])
	var names []struct{ Name string }
	var configs []Config
	if err := json.Unmarshal(cases, &names); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(cases, &configs); err != nil {
		t.Fatal(err)
	}
	if len(configs) == 0 {
		t.Fatalf("%s: no cases", operation)
	}
	for i, config := range configs {
		t.Run(names[i].Name, func(t *testing.T) { check(t, config, vectors{t, names[i].Name, file}) })
	}
}

func (v vectors) tensor(name string, dtype safetensors.DType) []byte {
	v.t.Helper()
	tensor, ok := v.file.Tensor(v.name + "/" + name)
	if !ok || tensor.DType() != dtype {
		v.t.Fatalf("no %v tensor %s/%s", dtype, v.name, name)
	}
	return tensor.Data()
}

func (v vectors) bytes(name string) []byte { return v.tensor(name, safetensors.U8) }

func (v vectors) floats(name string) []float64 {
	v.t.Helper()
	data := v.tensor(name, safetensors.F64)
	floats := make([]float64, len(data)/8)
	for i := range floats {
		floats[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return floats
}

func (v vectors) ints(name string) []int {
	v.t.Helper()
	data := v.tensor(name, safetensors.I64)
	ints := make([]int, len(data)/8)
	for i := range ints {
		ints[i] = int(int64(binary.LittleEndian.Uint64(data[8*i:])))
	}
	return ints
}

// check holds what a twin computed to the golden tensor of that name.
func (v vectors) check(name string, got []float64) {
	v.t.Helper()
	if err := Compare(got, v.floats(name), goldenTolerance, goldenTolerance); err != nil {
		v.t.Errorf("%s: %v", name, err)
	}
}

// checkGradient holds the gradient of loss with respect to x, a slice that loss
// reads, to central differences.
func checkGradient(t *testing.T, name string, gradient, x []float64, loss func() float64) {
	t.Helper()
	const h = 1e-5
	differences := make([]float64, len(x))
	for i, value := range x {
		x[i] = value + h
		above := loss()
		x[i] = value - h
		below := loss()
		x[i] = value
		differences[i] = (above - below) / (2 * h)
	}
	if err := Compare(gradient, differences, 1e-7, 1e-7); err != nil {
		t.Errorf("%s against finite differences: %v", name, err)
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
