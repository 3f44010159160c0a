package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A large copy is shared by several goroutines. None leaves out a byte or writes beside its share.
func TestTransfer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 4, copyShare - 1, 2*copyShare + 1, 3*copyShare + 5, 4*copyShare + 3, 9*copyShare - 1} {
		src, dst := make([]byte, size), make([]byte, size+1)
		for i := range src {
			src[i] = byte(1 + random.IntN(255))
		}
		if transfer(dst[:size], src); !bytes.Equal(dst[:size], src) || dst[size] != 0 {
			t.Errorf("%d bytes: not copied", size)
		}
	}
}

// Reads are cut so that each group fits a staging buffer. Together they are the reads.
func TestCut(t *testing.T) {
	b := NewBuffer("b", 100*mostStaging)
	for name, c := range map[string]struct{ sizes, want []int }{
		"nothing":              {nil, []int{0}},
		"one":                  {[]int{4}, []int{4}},
		"all of a buffer":      {[]int{mostStaging - 4, 4}, []int{mostStaging}},
		"a little more":        {[]int{mostStaging - 4, 8}, []int{mostStaging, 4}},
		"across three buffers": {[]int{8, 2 * mostStaging, 8}, []int{mostStaging, mostStaging, 16}},
	} {
		var reads []readback
		offset := 0
		for _, size := range c.sizes {
			reads = append(reads, readback{View{b, offset, size}, make([]byte, size)})
			offset += size
		}
		var got []int
		end := 0
		for _, group := range cut(reads) {
			bytes := 0
			for _, r := range group {
				if r.src.Offset != end || len(r.dst) != r.src.Size {
					t.Errorf("%s: %v into %d bytes, want it at %d", name, r.src, len(r.dst), end)
				}
				end += r.src.Size
				bytes += r.src.Size
			}
			got = append(got, bytes)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: groups of %s bytes, want %v", name, fmt.Sprint(got), c.want)
		}
	}
}
