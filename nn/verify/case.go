package verify

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// part is a part of the suite: an operation, the networks, or the trainings. The case table of an
// operation has three uses: it compares the kernels with their float64 twin, the twin with
// PyTorch and with finite differences, and it drives the benchmark.
type part struct {
	name  string // of the WGSL file, for an operation
	cases []testCase
}

// testCase is one line of a case table. try lays it out, runs it and compares. The rig keeps
// what is wrong.
type testCase interface {
	name() string
	try(r *rig)
}

// tables holds the case table of each WGSL file by the file's name. The Go file of a table
// adds it.
var tables = map[string]func() []testCase{}

// pytorch holds more cases of a file, with PyTorch's inputs and results. Tests add them; the program
// goes without their vectors.
var pytorch = map[string]func() []testCase{}

// operations returns the case table of every WGSL file, sorted by name.
func operations() []part {
	var parts []part
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		var cases []testCase
		if more := pytorch[name]; more != nil {
			cases = more()
		}
		parts = append(parts, part{name, append(cases, tables[name]()...)})
	}
	return parts
}

// generate draws cases, the same ones each time.
func generate(seed uint64, count int, draw func(random) testCase) []testCase {
	r := random{rand.New(rand.NewPCG(seed, 0))}
	cases := make([]testCase, count)
	for i := range cases {
		cases[i] = draw(r)
	}
	return cases
}

// random draws sizes.
type random struct{ *rand.Rand }

// pick returns one of the choices.
func (r random) pick(choices ...int) int { return choices[r.IntN(len(choices))] }

// between returns a number from lo to hi, both included.
func (r random) between(lo, hi int) int { return lo + r.IntN(hi-lo+1) }

// around returns 1, or a number next to size or to its double.
func (r random) around(size int) int {
	return max(1, r.pick(1, size-1, size, size+1, 2*size-1, 2*size+1))
}

// testCases returns cases of one type as what the suite runs.
func testCases[C testCase](cases []C) []testCase {
	all := make([]testCase, len(cases))
	for i, c := range cases {
		all[i] = c
	}
	return all
}
