package nn

import "wgpucnn/shaders"

// productTile is how a product of matrices is cut into workgroups on a GPU. See the constants in
// shaders/parts/product.wgsl.
type productTile struct {
	rows, columns         int // of the product
	rowQuads, columnQuads int // of a workgroup's tile: powers of two
}

// Bounds of a tile: vec4s along an edge of a square one, along an edge of a narrow one, and of its sums.
const (
	squareQuads  = 16
	longestQuads = 64
	leastQuads   = 8
)

// Bounds of what a workgroup stages at a time: values of k, and vec4s.
const (
	longestChunk = 64
	mostStaged   = 3 * mostGPUWorkgroup
)

// newProductTile cuts a product whose sums have so many terms. A tile is as large and as square as
// the product lets it be. It gets smaller until the workgroups have so many invocations together, as
// long as each of those that share a sum has four terms.
func newProductTile(rows, columns, terms, invocations int) productTile {
	t := productTile{rows: rows, columns: columns}
	rowQuads, columnQuads := powerOfTwo(CeilDiv(rows, 4)), powerOfTwo(CeilDiv(columns, 4))
	t.rowQuads = min(rowQuads, squareQuads)
	t.columnQuads = min(columnQuads, longestQuads, mostGPUWorkgroup/t.rowQuads)
	t.rowQuads = min(rowQuads, longestQuads, mostGPUWorkgroup/t.columnQuads)
	for t.quads() < leastQuads {
		t.columnQuads *= 2
	}
	for t.tiles()*mostGPUWorkgroup < invocations && t.quads() > leastQuads && terms >= 2*t.shares()*4 {
		if t.columnQuads >= t.rowQuads {
			t.columnQuads /= 2
		} else {
			t.rowQuads /= 2
		}
	}
	return t
}

// powerOfTwo returns the least power of two that is not below n.
func powerOfTwo(n int) int {
	power := 1
	for power < n {
		power *= 2
	}
	return power
}

func (t productTile) quads() int  { return t.rowQuads * t.columnQuads }
func (t productTile) shares() int { return mostGPUWorkgroup / t.quads() }
func (t productTile) across() int { return CeilDiv(t.columns, 4*t.columnQuads) }
func (t productTile) tiles() int  { return CeilDiv(t.rows, 4*t.rowQuads) * t.across() }

// chunk returns how many values of k are staged at a time: a power of two, at least one for each of
// the shares.
func (t productTile) chunk() int {
	chunk := longestChunk
	for chunk > t.shares() && chunk*(t.rowQuads+t.columnQuads) > mostStaged {
		chunk /= 2
	}
	return chunk
}

// row returns the vec4s that a value of k takes.
func (t productTile) row() int { return (t.rowQuads + t.columnQuads) | 1 }

// staged returns the vec4s of workgroup memory: a chunk, or one for each invocation.
func (t productTile) staged() int { return max(t.chunk()*t.row(), mostGPUWorkgroup) }

// constants returns the constants of the part product, for so many parts of the terms. The flags say
// along which axis the matrices lie in memory.
func (t productTile) constants(terms, parts int, leftAlongK, rightAlongK bool) shaders.Constants {
	loads := t.chunk() * (t.rowQuads + t.columnQuads)
	return shaders.Constants{
		{Name: "ROW_QUADS", Value: t.rowQuads}, {Name: "COLUMN_QUADS", Value: t.columnQuads}, {Name: "TILES", Value: t.tiles()}, {Name: "ACROSS", Value: t.across()},
		{Name: "DEPTH", Value: terms}, {Name: "PARTS", Value: parts}, {Name: "PART", Value: CeilDiv(terms, parts)},
		{Name: "SHARES", Value: t.shares()}, {Name: "CHUNK", Value: t.chunk()}, {Name: "ROW", Value: t.row()}, {Name: "LOADS", Value: loads},
		{Name: "TURNS", Value: CeilDiv(loads, mostGPUWorkgroup)}, {Name: "STAGED", Value: t.staged()},
		{Name: "LEFT_ALONG_K", Value: leftAlongK}, {Name: "RIGHT_ALONG_K", Value: rightAlongK}, {Name: "WORKGROUP", Value: mostGPUWorkgroup},
	}
}
