package nn

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// A convolution in groups prints, counts and names its keyword as PyTorch does.
func TestConv2dGroups(t *testing.T) {
	l := Conv2d{In: 6, Out: 4, Kernel: 3, Padding: 1, Groups: 2, NoBias: true}
	if got, want := l.String(), "Conv2d(6, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2, bias=False)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p := l.Params()[0]; !slices.Equal(p.Shape, Shape{4, 3, 3, 3}) || p.FanIn != 27 {
		t.Errorf("weight %v with %d inputs, want %v with 27", p.Shape, p.FanIn, Shape{4, 3, 3, 3})
	}
	if got, want := l.MultiplyAdds(Shape{6, 4, 5}), 4*5*4*27; got != want {
		t.Errorf("%d multiply-adds, want %d", got, want)
	}
	for l, want := range map[Conv2d]string{
		{In: 4, Out: 4, Kernel: 1, Groups: 4}: `{"in_channels":4,"out_channels":4,"kernel_size":1,"stride":1,"groups":4}`,
		{In: 4, Out: 4, Kernel: 1, Groups: 1}: `{"in_channels":4,"out_channels":4,"kernel_size":1,"stride":1}`,
	} {
		text, err := json.Marshal(Explicit(l))
		if err != nil || string(text) != want {
			t.Errorf("got %s and %v, want %s", text, err, want)
		}
		var again Conv2d
		if err := json.Unmarshal(text, &again); err != nil || again != Explicit(l) {
			t.Errorf("%s: got %v and %v", text, again, err)
		}
	}
	for _, l := range []Conv2d{{In: 4, Out: 6, Kernel: 1, Groups: 3}, {In: 6, Out: 4, Kernel: 1, Groups: 3}, {In: 4, Out: 4, Kernel: 1, Groups: -1}} {
		if _, err := l.OutShape(Shape{l.In, 5, 5}); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "groups") {
			t.Errorf("%v: got %v, want an error about groups", l, err)
		}
	}
}

// backward_weight takes no more than the tiling's memory and WebGPU's default of invocations. Every
// part has runs, and the workgroups are those of the units, once.
func TestGroupWeightCut(t *testing.T) {
	for _, memory := range []int{0, 1 << 10, 16 << 10} {
		for _, kernel := range []int{1, 3, 5, 7, 11, 31, 200} {
			for _, channels := range [][3]int{{1, 1, 2}, {1, 2, 64}, {16, 8, 3}} { // in and out of a group, groups
				l := Conv2d{In: channels[0] * channels[2], Out: channels[1] * channels[2], Kernel: kernel, Padding: kernel / 2, Groups: channels[2]}
				g := largeGPU
				g.Memory = max(memory, 1<<10)
				for name, g := range map[string]GPUTiling{"GPU": g, "CPU": {}} {
					n := weightNode(t, l, Shape{l.In, 9, 10}, 5, g)
					n.Default.Workgroup, n.Default.Memory, n.Default.Splits, n.Default.Workgroups = 16, memory, 16, 16
					c := l.groupWeightCut(n)
					most := memory
					if name == "GPU" {
						most = g.Memory
					}
					if used := 16 * c.staged(l); c.shares > 1 && used > most {
						t.Errorf("%s: %v: %d bytes of memory, want at most %d", name, l, used, most)
					}
					if c.workgroup > mostGPUWorkgroup || c.workgroup%c.shares != 0 {
						t.Errorf("%s: %v: workgroup of %d for %d shares", name, l, c.workgroup, c.shares)
					}
					rounds := CeilDiv(5*n.Out[1]*c.runs, c.shares)
					if c.splits*c.part < rounds || (c.splits-1)*c.part >= rounds {
						t.Errorf("%s: %v: %d parts of %d rounds for %d", name, l, c.splits, c.part, rounds)
					}
					got, want := l.groupWeights(n).Workgroups, CeilDiv(c.units(l), c.workgroup/c.shares)*c.splits
					if got[0]*got[1]*got[2] < want || got[0]*got[1]*got[2] >= want+got[0] {
						t.Errorf("%s: %v: workgroups %v, want %d", name, l, got, want)
					}
				}
			}
		}
	}
}
