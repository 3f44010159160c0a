package layout

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/optim"
	"wgpucnn/shaders"
)

// matrices are the parameters that optim.Muon changes as matrices, and what its kernels need besides those
// of SGD. Each kernel is one dispatch for all matrices: a table lists the tiles of its workgroups.
type matrices struct {
	x       *engine.Buffer // laid out as the parameters: u, then X; behind it the sums of squares of each block's weights
	a       *engine.Buffer // X X' of each matrix
	grams   tiles          // of gramSide x gramSide values of a
	columns tiles          // of whole columns of X; behind them the places of packed copies
	rows    int            // the most rows of a matrix
	widest  int            // the most columns
	staged  int            // the most vec4s that a workgroup stages
}

// tiles is a table of tiles. Each has tileWords words.
type tiles struct {
	words        []uint32
	count        int
	multiplyAdds int
	buffer       *engine.Buffer
}

const tileWords = 12

// gramSide is the side of a tile of a.
const gramSide = 8

// mostStaged is how many vec4s muon_apply.wgsl stages at most, so that its workgroup memory stays within 16 KiB.
// A workgroup stages whole columns, so a matrix has no more rows.
const mostStaged = 768

// muonSteps are the steps of Muon's iteration.
const muonSteps = 5

// matrix is a parameter (out, rest), transposed if out is greater than rest.
type matrix struct {
	first, out, rest int
	square           int // index of its first value in a
	block            int // its first one
	places           uint32
}

func (m matrix) rows() int    { return min(m.out, m.rest) }
func (m matrix) columns() int { return max(m.out, m.rest) }

// quads returns how many quads of columns a workgroup computes: each invocation has an item or more.
func (m matrix) quads(workgroup int) int {
	return min(max(1, workgroup/m.rows()), nn.CeilDiv(m.columns(), 4))
}

// tile returns the words of a tile.
func (m matrix) tile(row, column, quads int) []uint32 {
	rowStep, columnStep := m.rest, 1
	if m.out > m.rest {
		rowStep, columnStep = 1, m.rest
	}
	words := make([]uint32, 0, tileWords)
	for _, v := range []int{m.first, m.rows(), m.columns(), rowStep, columnStep, m.square, row, column, quads, m.block, m.out} {
		words = append(words, uint32(v))
	}
	return append(words, m.places)
}

// CheckMatrices returns an error if Muon's kernels cannot take a parameter of a network.
func CheckMatrices(network *nn.Network, o optim.Muon) error {
	for _, p := range network.Params() {
		m := matrix{out: p.Shape[0], rest: p.Shape.Size() / p.Shape[0]}
		if slices.Contains(o.Params, p.Name) && m.rows() > mostStaged {
			return fmt.Errorf("layout: Muon: %s is a matrix of %d x %d: want %d rows or columns at most, or another optimiser for it", p.Name, m.out, m.rest, mostStaged)
		}
	}
	return nil
}

// layOutMatrices makes the tables of the matrices, out of the table of blocks.
func (u *Update) layOutMatrices(group int) *matrices {
	m := &matrices{x: engine.NewBuffer("x of Muon", 4*(u.behindParams()+u.count)), a: engine.NewBuffer("a of Muon", 0)}
	var all []matrix
	block := 0
	for _, n := range u.layout.nodes {
		for _, p := range n.Layer.Params() {
			if p.Untrained {
				continue
			}
			entry := u.words[block*blockWords:][:blockWords]
			if int(entry[5]) == group {
				one := matrix{first: int(entry[0]), out: p.Shape[0], rest: p.Shape.Size() / p.Shape[0], block: block, places: entry[6]}
				one.square = m.a.Reserve(4*one.rows()*one.rows()).Offset / 4
				all = append(all, one)
				m.rows, m.widest = max(m.rows, one.rows()), max(m.widest, one.columns())
			}
			block += nn.CeilDiv(p.Shape.Size(), blockValues)
		}
	}
	m.tile(all, u.layout.workgroup(), u.words[u.count*blockWords:])
	return m
}

// tile makes the tables of tiles. The places are those of the table of blocks.
func (m *matrices) tile(all []matrix, workgroup int, places []uint32) {
	for _, one := range all {
		m.columns.count += nn.CeilDiv(one.columns(), 4*one.quads(workgroup))
	}
	for _, one := range all {
		if one.places != none {
			one.places += uint32(m.columns.count * tileWords)
		}
		for row := 0; row < one.rows(); row += gramSide {
			for column := row; column < one.rows(); column += gramSide {
				m.grams.words = append(m.grams.words, one.tile(row, column, 0)...)
			}
		}
		quads := one.quads(workgroup)
		for column := 0; column < one.columns(); column += 4 * quads {
			m.columns.words = append(m.columns.words, one.tile(0, column, quads)...)
		}
		m.staged = max(m.staged, quads*one.rows())
		m.grams.multiplyAdds += one.rows() * (one.rows() + 1) / 2 * one.columns()
		m.columns.multiplyAdds += 2 * one.rows() * one.rows() * one.columns()
	}
	m.grams.count = len(m.grams.words) / tileWords
	m.columns.words = append(m.columns.words, places...)
	m.grams.buffer, m.columns.buffer = table("tiles of A", m.grams.words), table("tiles of X", m.columns.words)
}

// muon returns an update by Muon: a run of muon.wgsl over all blocks, then two dispatches for each step of the
// iteration. The last one changes the weights, and counts.
func (u *Update) muon(file string, constants shaders.Constants, bindings []engine.Binding) engine.Plan {
	m, l := u.matrices, u.layout
	lanes, _ := l.lanes()
	constants = append(constants, shaders.Constant{Name: "SQUARES", Value: u.behindParams()})
	x, a := engine.Binding{Name: "x", View: m.x.All()}, engine.Binding{Name: "a", View: m.a.All()}
	quads := 32 // of columns that muon_gram.wgsl stages at a time
	if lanes == 1 {
		quads = 8 // on OpenGL the compiler needs half a minute for as much memory as 32 take
	}
	plan := engine.Plan{nn.Dispatch(file, "update", constants, engine.Grid(u.count), 0, append(without(bindings, "tally"), x)...)}
	for step := range muonSteps {
		plan = append(plan, nn.Dispatch("muon_gram", "gram", append(m.constants(m.grams), shaders.Constants{
			{Name: "QUADS", Value: quads}, {Name: "PITCH", Value: quads + 1}, {Name: "STAGED", Value: 2 * gramSide * (quads + 1)}, {Name: "SHARES", Value: lanes}, {Name: "WORKGROUP", Value: gramSide * gramSide * lanes},
		}...), engine.Grid(m.grams.count), m.grams.multiplyAdds, m.grams.binding(), x, a))
		own := append(m.constants(m.columns), shaders.Constants{{Name: "STAGED", Value: m.staged}, {Name: "ITEMS", Value: nn.CeilDiv(m.staged, l.workgroup())}}...)
		if step < muonSteps-1 {
			own = append(own, shaders.Constants{{Name: "FIRST", Value: step == 0}, {Name: "WORKGROUP", Value: l.workgroup()}}...)
			plan = append(plan, nn.Dispatch("muon_quintic", "quintic_step", own, engine.Grid(m.columns.count), m.columns.multiplyAdds, m.columns.binding(), x, a))
		} else {
			plan = append(plan, nn.Dispatch("muon_apply", "apply", append(own, constants...), engine.Grid(m.columns.count+1), m.columns.multiplyAdds,
				append(without(bindings, "parts", "blocks", "state"), m.columns.binding(), x, a)...))
		}
	}
	return plan
}

// constants returns those of all kernels that have tiles.
func (m *matrices) constants(t tiles) shaders.Constants {
	return shaders.Constants{{Name: "TILES", Value: t.count}, {Name: "ROWS", Value: m.rows}, {Name: "COLUMNS", Value: m.widest}}
}

// binding returns the binding of the table.
func (t tiles) binding() engine.Binding { return engine.Binding{Name: "tiles", View: t.buffer.All()} }

// without returns the bindings that do not have one of the names.
func without(bindings []engine.Binding, names ...string) []engine.Binding {
	return slices.DeleteFunc(slices.Clone(bindings), func(b engine.Binding) bool { return slices.Contains(names, b.Name) })
}
