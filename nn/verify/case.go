package verify

import "math/rand/v2"

// part is a part of the suite: an operation with its one case table, which drives
// the kernels against the float64 twin, that twin against PyTorch and against
// finite differences, and the benchmark; the networks; a training.
type part struct {
	name  string // of the WGSL file, where it is an operation
	cases []testCase
}

// testCase is one line of a case table. try lays it out, runs it and compares; what
// is wrong stays in the rig.
type testCase interface {
	name() string
	try(r *rig)
}

// operations returns the case table of every WGSL file.
func operations() []part {
	return []part{
		{"normalize", normalizeCases()},
		{"conv2d", conv2dCases()},
		{"linear", linearCases()},
		{"relu", reluCases()},
		{"pool2d", pool2dCases()},
		{"cross_entropy", crossEntropyCases()},
		{"head", headCases()},
		{"sgd", sgdCases()},
		{"adamw", adamwCases()},
		{"reduce", reduceCases()},
		{"add", addCases()},
		{"count", countCases()},
	}
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
