package verify

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/shaders/shadertest"
)

// Each kernel alone, at the lab's sizes: the cases whose label begins so.
//
//	go test ./nn/verify -run none -bench Operations/conv2d -count 10 >new.txt
//	benchstat old.txt new.txt
func BenchmarkOperations(b *testing.B) {
	for _, o := range operations() {
		lab := slices.DeleteFunc(o.cases, func(c shadertest.Case) bool { return !strings.HasPrefix(c.Name(), "lab") })
		if len(lab) > 0 {
			b.Run(o.name, func(b *testing.B) { shadertest.Benchmark(b, lab...) })
		}
	}
}
