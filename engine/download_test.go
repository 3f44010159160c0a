package engine

import (
	"fmt"
	"slices"
	"testing"
)

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
