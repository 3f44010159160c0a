package bench

import (
	"strings"
	"testing"

	"wgpucnn/nn/report/htmltest"
)

// Trainings to an accuracy are compared if they have the same variant, data, batch, seed and
// accuracy. A file may have nothing else.
func TestCompareTargets(t *testing.T) {
	reached := func(adapter string, targets ...Target) Report {
		r := made(adapter, "v1")
		r.Adapters[0].Targets = targets
		return r
	}
	base := Target{Variant: "base", Data: "builtin", DataSHA256: "5eed", Seed: 1, Accuracy: 90, Reached: 91, Epoch: 7, Seconds: 12}
	faster, otherData, otherSeed := base, base, base
	faster.Seconds, faster.Epoch, faster.Reached = 3, 8, 90.5
	otherData.DataSHA256, otherSeed.Seed = "0ther", 2
	c, err := Compare([]File{{"a", reached("one", base)}, {"b", reached("two", faster)}, {"c", reached("three", otherData, otherSeed)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Once) != 1 || len(c.Once[0].Rows) != 1 || c.Once[0].Rows[0].Cells[1].Ratio != 4 {
		t.Errorf("got %+v", c.Once)
	}
	const want = "base to 90% of builtin, batch 128, seed 1  12.0 s  3.00 s  4.00x  -      -\n"
	if !strings.Contains(c.Table(0), want) {
		t.Errorf("the table lacks %q:\n%s", want, c.Table(0))
	}
	page := pageOf(t, c)
	htmltest.WellFormed(t, page)
	if shown := textOf(page); !strings.Contains(shown, strings.Join(strings.Fields(want), " ")) {
		t.Errorf("the page lacks %q:\n%s", want, shown)
	}
	if _, err := c.Picture(); err == nil || !strings.Contains(err.Error(), "no ratio with an interval") {
		t.Errorf("a picture without measurements: %v", err)
	}
	if _, err := Compare([]File{{"a", reached("one", base)}, {"b", reached("two", otherSeed)}}); err == nil || !strings.Contains(err.Error(), "no two adapters have the same measurement") {
		t.Errorf("got %v, want an error", err)
	}
}

// The ratio of an energy is that of the images a joule pays for. It is not known where a column
// lacks the energy.
func TestCompareEnergy(t *testing.T) {
	trained := func(adapter string, joules float64) Report {
		return made(adapter, "v1", changed(kernel("base batch 128", 1, 1, 1), func(m *Measurement) { m.Group, m.Images, m.Joules = Training, 128, joules }))
	}
	for _, c := range []struct {
		joules [3]float64
		want   string // after the name
	}{
		{[3]float64{2, 0.5, 0}, "64.0  256  4.00x  -      -\n"},
		{[3]float64{0, 0.5, 2}, "-  256      -  64.0      -\n"},
		{[3]float64{0, 0.5, 0}, ""},
	} {
		got, err := Compare([]File{{"a", trained("one", c.joules[0])}, {"b", trained("two", c.joules[1])}, {"c", trained("three", c.joules[2])}})
		if err != nil {
			t.Fatal(err)
		}
		_, table, found := strings.Cut(got.Table(0), "images a joule")
		if found != (c.want != "") || !strings.Contains(table, c.want) {
			t.Errorf("%v J: want %q:\n%s", c.joules, c.want, table)
		}
	}
}
