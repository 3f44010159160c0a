package nn

import (
	"fmt"
	"testing"
)

// Whatever the matrices, a product stays within WebGPU's default limits, its tiles cover it, and
// all invocations of a workgroup have a share.
func TestProductTile(t *testing.T) {
	sizes := []int{1, 3, 4, 5, 31, 64, 65, 100, 257, 1000, 4096}
	for _, rows := range sizes {
		for _, columns := range sizes {
			for _, terms := range sizes {
				for _, invocations := range []int{0, 1 << 15, 1 << 30} {
					tile := newProductTile(rows, columns, terms, invocations)
					name := fmt.Sprintf("%d x %d of %d terms, %d invocations: %+v", rows, columns, terms, invocations, tile)
					if got := 16 * tile.staged(); got > 16<<10 {
						t.Errorf("%s: %d bytes of workgroup memory", name, got)
					}
					if got := tile.quads() * tile.shares(); got != 256 {
						t.Errorf("%s: %d invocations have a share", name, got)
					}
					if tile.chunk()%tile.shares() != 0 {
						t.Errorf("%s: %d invocations share a chunk of %d", name, tile.shares(), tile.chunk())
					}
					if got := tile.tiles() / tile.across() * 4 * tile.rowQuads; got < rows {
						t.Errorf("%s: the tiles cover %d rows", name, got)
					}
					if got := tile.across() * 4 * tile.columnQuads; got < columns {
						t.Errorf("%s: the tiles cover %d columns", name, got)
					}
				}
			}
		}
	}
}

// Large products have square tiles. Small ones have smaller tiles, whose sums several invocations
// share, as long as there are terms to share.
func TestProductTiles(t *testing.T) {
	for _, c := range []struct {
		rows, columns, terms, invocations int
		want                              productTile
	}{
		{4096, 4096, 4096, 1 << 15, productTile{4096, 4096, 16, 16}},
		{128, 3, 256, 1 << 15, productTile{128, 3, 8, 1}},
		{128, 1000, 512, 1 << 15, productTile{128, 1000, 8, 8}},
		{128, 1000, 7, 1 << 15, productTile{128, 1000, 16, 16}},
		{1, 1000, 4096, 1 << 15, productTile{1, 1000, 1, 8}},
		{3, 257, 128, 0, productTile{3, 257, 1, 64}},
		{1, 1, 1, 0, productTile{1, 1, 1, 8}},
	} {
		if got := newProductTile(c.rows, c.columns, c.terms, c.invocations); got != c.want {
			t.Errorf("%d x %d of %d terms: got %+v, want %+v", c.rows, c.columns, c.terms, got, c.want)
		}
	}
}

// The parts of a weight gradient fill the GPU, have eight rows or more, and none is empty.
func TestLinearSplits(t *testing.T) {
	for _, c := range []struct {
		in, out, batch, want int
	}{
		{256, 3, 128, 16},
		{256, 3, 92, 12},
		{256, 3, 7, 1},
		{1024, 1000, 128, 1},
		{64, 3, 4096, 128},
		{1, 1, 1 << 20, 128},
	} {
		n := &Node{Module: Module{Layer: Linear{In: c.in, Out: c.out}}, Tilings: Tilings{Default: gpuTiling}, Batch: c.batch}
		got := n.Layer.(Linear).Splits(n)
		if got != c.want {
			t.Errorf("%d to %d features, batch %d: %d parts, want %d", c.in, c.out, c.batch, got, c.want)
		}
		if part := CeilDiv(c.batch, got); (got-1)*part >= c.batch {
			t.Errorf("%d to %d features, batch %d: %d parts of %d rows, the last is empty", c.in, c.out, c.batch, got, part)
		}
	}
}
