package runs

import (
	"errors"
	"slices"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
)

// The kept checkpoints are spread over the epochs, and never more than allowed.
func TestPlan(t *testing.T) {
	for name, c := range map[string]struct {
		kept         Kept
		epochs, most int
		stay, next   []int
	}{
		"new":                      {Kept{}, 100, 4, nil, []int{20, 40, 60, 80}},
		"few epochs":               {Kept{}, 3, 4, nil, []int{1, 2}},
		"one epoch":                {Kept{}, 1, 4, nil, nil},
		"a million":                {Kept{}, 1_000_000, 4, nil, []int{200_000, 400_000, 600_000, 800_000}},
		"large":                    {Kept{}, 100, 1, nil, []int{50}},
		"too large":                {Kept{Epochs: []int{20}, Done: 30}, 100, 0, nil, nil},
		"begun again":              {Kept{Epochs: []int{20, 40}}, 100, 4, nil, []int{20, 40, 60, 80}},
		"going on":                 {Kept{Epochs: []int{20, 40}, Done: 47}, 100, 4, []int{20, 40}, []int{60, 80}},
		"killed before it kept":    {Kept{Epochs: []int{20}, Done: 40}, 100, 4, []int{20, 40}, []int{60, 80}},
		"the checkpoint before":    {Kept{Epochs: []int{20, 40}, Done: 30}, 100, 4, []int{20}, []int{40, 60, 80}},
		"of an earlier version":    {Kept{Done: 47}, 100, 4, []int{47}, []int{60, 80}},
		"twice as long":            {Kept{Epochs: []int{20, 40, 60, 80}, Done: 100, Longer: true}, 200, 4, []int{40, 80}, []int{120, 160}},
		"half as long again":       {Kept{Epochs: []int{20, 40, 60, 80}, Done: 100, Longer: true}, 150, 4, []int{20, 60, 80}, []int{120}},
		"and on":                   {Kept{Epochs: []int{20, 60, 80, 120}, Done: 130}, 150, 4, []int{20, 60, 80, 120}, nil},
		"a schedule anew":          {Kept{Epochs: []int{20, 40, 60, 80}, Done: 100, Longer: true, Anew: true}, 200, 4, []int{100}, []int{120, 160}},
		"a schedule early":         {Kept{Epochs: []int{2}, Done: 4, Longer: true, Anew: true}, 100, 4, []int{4}, []int{40, 60, 80}},
		"and on after the first":   {Kept{Epochs: []int{4, 40}, Done: 50}, 100, 4, []int{4, 40}, []int{60, 80}},
		"and on before the first":  {Kept{Epochs: []int{4}, Done: 30}, 100, 4, []int{4}, []int{40, 60, 80}},
		"fewer than before":        {Kept{Epochs: []int{20, 40, 60}, Done: 70}, 100, 2, []int{40, 60}, nil},
		"longer, nothing was kept": {Kept{Done: 1, Longer: true}, 3, 4, []int{1}, []int{2}},
	} {
		stay, next := c.kept.Plan(c.epochs, c.most)
		if !slices.Equal(stay, c.stay) || !slices.Equal(next, c.next) {
			t.Errorf("%s: %v stay and %v follow, want %v and %v", name, stay, next, c.stay, c.next)
		}
	}
	for bytes, want := range map[int]int{0: 4, 16 << 20: 4, 16<<20 + 1: 3, 64 << 20: 1, 64<<20 + 1: 0} {
		if got := MostKept(bytes); got != want {
			t.Errorf("%d kept of %d bytes, want %d", got, bytes, want)
		}
	}
}

// KeepOnly leaves the checkpoints of some epochs, with a copy of the newest. Other files stay.
func TestKeepOnly(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	err := f.SaveCheckpoint("max", []byte("30"))
	for _, epoch := range []int{10, 20, 100} {
		err = errors.Join(err, f.Keep("max", epoch, []byte("kept")))
	}
	if err = errors.Join(err, f.Keep("max", 0, nil), f.KeepOnly("max", []int{20, 30}, 30)); err != nil {
		t.Fatal(err)
	}
	all := runstest.Files(t, f.Join("max"))
	if got := f.Kept("max"); !slices.Equal(got, []int{20, 30}) || string(all["audit/epoch-30.safetensors"]) != "30" || len(all) != 4 {
		t.Errorf("it keeps %v of %q", got, all)
	}
}
