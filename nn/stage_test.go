package nn

import (
	"fmt"
	"testing"

	"wgpucnn/engine"
)

// Whatever the shape, a stage reads no vec4 behind its row of the source, has room for every value
// of the source, begins its runs at whole vec4s, and holds no more in registers than it may.
func TestStage(t *testing.T) {
	stages := 0
	for _, kernel := range []int{1, 2, 3, 5, 11} {
		for _, stride := range []int{1, 2, 3, 4} {
			for _, padding := range []int{0, 1, 2, 4} {
				for _, size := range []int{1, 5, 8, 9, 13, 17, 32} {
					if size+2*padding < kernel {
						continue
					}
					l := Conv2d{In: 3, Out: 9, Kernel: kernel, Stride: stride, Padding: padding}
					n := gpuNode(l, size, 2, 48<<10)
					n.DX = []engine.View{engine.NewBuffer("dx", 4).All()}
					for _, entry := range []string{"forward", "backward_input"} {
						s, ok := NewStage(n, entry, 4)
						if !ok {
							continue
						}
						stages++
						checkStage(t, fmt.Sprint(n.Key(entry)), s)
					}
				}
			}
		}
	}
	if stages < 500 {
		t.Errorf("%d stages", stages)
	}
}

func checkStage(t *testing.T, name string, s Stage) {
	t.Helper()
	l, stride := s.layer, s.layer.stride()
	first := (s.runs - 1) * s.run * stride // column of the source where the last run begins
	row, column := l.Padding+s.source[1]-1, l.Padding+s.source[2]-1
	if s.input {
		first = (s.runs - 1) * s.run / stride
		row, column = s.left+s.source[1]-1, s.left+s.source[2]-1
	} else {
		row = row%stride*s.phaseRows + row/stride
	}
	if s.runs > 1 && first%4 != 0 {
		t.Errorf("%s: the last run begins at column %d", name, first)
	}
	if first/4+s.span > s.pixelRow || row >= s.patchRows || column >= 4*s.pixelRow {
		t.Errorf("%s: the source has %d rows of %d vec4s: runs read %d vec4s from %d on, its last value is in row %d, column %d", name, s.patchRows, s.pixelRow, s.span, first/4, row, column)
	}
	if s.runs*s.run < s.target[2] || s.turns*ImageStepWorkgroup < s.units() || s.shares > 1 && s.shares*s.units() > ImageStepWorkgroup {
		t.Errorf("%s: %d runs of %d, %d units, %d turns, %d shares", name, s.runs, s.run, s.units(), s.turns, s.shares)
	}
	if s.turns*s.run > stageSums || s.span > stageSpan || CeilDiv(s.Weights(), ImageStepWorkgroup) > stageAhead {
		t.Errorf("%s: %d vec4s of sums, %d of a run, %d of weights", name, s.turns*s.run, s.span, CeilDiv(s.Weights(), ImageStepWorkgroup))
	}
}

// The stages of the lab's base are cut as the prototype that was measured on an H100.
func TestStageOfLab(t *testing.T) {
	for _, c := range []struct {
		layer Conv2d
		size  int
		entry string
		want  string
	}{
		{Conv2d{In: 3, Out: 32, Kernel: 5, Stride: 4, Padding: 2}, 32, "forward", "64 units of 8, 4 shares, 3 channels a chunk"},
		{Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, 8, "forward", "128 units of 8, 2 shares, 8 channels a chunk"},
		{Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}, 8, "backward_input", "64 units of 8, 4 shares, 8 channels a chunk"},
	} {
		n := gpuNode(c.layer, c.size, 128, 48<<10)
		s, ok := NewStage(n, c.entry, 8)
		if got := fmt.Sprintf("%d units of %d, %d shares, %d channels a chunk", s.units(), s.run, s.shares, s.chunk); !ok || got != c.want {
			t.Errorf("%v %s: got %s, want %s", c.layer, c.entry, got, c.want)
		}
	}
}
