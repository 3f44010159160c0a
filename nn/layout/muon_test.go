package layout

import (
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
	"wgpucnn/nn/optim"
)

// muonOf returns the update of a network by Muon.
func muonOf(t *testing.T, tilings nn.Tilings, layers ...nn.Layer) (*Update, error) {
	t.Helper()
	network := newTestModel(t, nn.Shape{8, 8, 3}, layers...)
	l := New(network, 2, tilings, true, true)
	return NewUpdate(l, optim.Muon{LR: 0.1, Params: network.Filters(), Rest: nntest.LabSGD}, NewTally("train", nn.NewSource("train", network.In, 4, 2, 1, 0), 1))
}

// An update by Muon has eleven dispatches, whatever the number of matrices. They fit WebGPU's default limits, with
// packed copies and the largest matrices too.
func TestMuonFits(t *testing.T) {
	limits := engine.DefaultLimits()
	gpu := nn.Tilings{Default: nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: limits})}
	for _, tilings := range []nn.Tilings{software, gpu} {
		for _, outs := range [][2]int{{2, 3}, {300, mostStaged}} {
			u, err := muonOf(t, tilings, nn.Conv2d{In: 3, Out: outs[0], Kernel: 1}, nn.ReLU{}, nn.Conv2d{In: outs[0], Out: outs[1], Kernel: 3}, nn.AdaptiveAvgPool2d{Out: 1},
				nn.Flatten{}, nn.Linear{In: outs[1], Out: 3})
			if err != nil {
				t.Fatal(err)
			}
			plan := u.ReduceUpdate()
			if len(plan) != 11 {
				t.Errorf("%d dispatches, want 11", len(plan))
			}
			for _, d := range plan {
				w := nntest.WorkgroupOf(t, d.Kernel)
				if len(d.Bindings) > limits.StorageBuffers || w.Memory > limits.WorkgroupStorage || w.Invocations > limits.WorkgroupSize {
					t.Errorf("%v: %d bindings, %d bytes, %d invocations", d.Kernel, len(d.Bindings), w.Memory, w.Invocations)
				}
			}
		}
	}
}

// A matrix with more rows than a workgroup can stage is an error.
func TestMuonTooLarge(t *testing.T) {
	_, err := muonOf(t, software, nn.Conv2d{In: 3, Out: mostStaged + 1, Kernel: 1}, nn.Conv2d{In: mostStaged + 1, Out: mostStaged + 1, Kernel: 1}, nn.Flatten{},
		nn.Linear{In: 64 * (mostStaged + 1), Out: 3})
	if want := "conv2.weight is a matrix of 769 x 769: want 768 rows or columns at most, or another"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

// The tiles cover each value of A once, but for the mirrored ones, and each column of X once.
func TestMatrixTiles(t *testing.T) {
	for _, tilings := range []nn.Tilings{software, {Default: nn.TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: engine.DefaultLimits()})}} {
		u, err := muonOf(t, tilings, nn.Conv2d{In: 3, Out: 70, Kernel: 1}, nn.Conv2d{In: 70, Out: 9, Kernel: 3}, nn.Conv2d{In: 9, Out: 20, Kernel: 3}, nn.Flatten{}, nn.Linear{In: 320, Out: 3})
		if err != nil {
			t.Fatal(err)
		}
		m := u.matrices
		values, columns := 0, 0
		for i := range m.grams.count {
			tile := m.grams.words[i*tileWords:]
			rows := int(tile[1])
			along := func(first uint32) int { return min(gramSide, rows-int(first)) }
			values += along(tile[6]) * along(tile[7])
			if tile[6] != tile[7] {
				values += along(tile[6]) * along(tile[7])
			}
		}
		for i := range m.columns.count {
			tile := m.columns.words[i*tileWords:]
			columns += min(4*int(tile[8]), int(tile[2])-int(tile[7]))
		}
		if want := 3*3 + 9*9 + 20*20; values != want {
			t.Errorf("tiles of %d values, want %d", values, want)
		}
		if want := 70 + 630 + 81; columns != want {
			t.Errorf("tiles of %d columns, want %d", columns, want)
		}
	}
}
