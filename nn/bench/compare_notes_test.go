package bench

import (
	"math"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// The notes tell what affects the comparison. The warnings of the files are repeated.
func TestCompareNotes(t *testing.T) {
	a := made("one", "v1", kernel("k1", 1, 1, 1), kernel("k2", 1, 1, 1), kernel("k3", 1, 1, 1), kernel("k4", 1, 1, 1))
	b := made("two", "v2")
	for _, m := range a.Adapters[0].Measurements {
		m.Code, m.Method = "other", Differences
		b.Adapters[0].Measurements = append(b.Adapters[0].Measurements, m)
	}
	b.Settings.Seconds, b.WGPU = 0.1, "v9"
	a.Adapters[0].Of = nn.TilingsByKey{"same": {Tile: 4}, "changed": {Tile: 4}, "removed": {Tile: 4}}
	b.Adapters[0].Of = nn.TilingsByKey{"same": {Tile: 4}, "changed": {Tile: 8}, "added": {Tile: 4}}
	b.Adapters[0].Default.Tile = 8
	a.Adapters[0].Meter, b.Adapters[0].Meter = "NVML", "RAPL package"
	a.Adapters[0].Measurements[0].Seconds.P75 = 1.5
	a.Adapters[0].Tick, a.Adapters[0].Clock = 1, "it goes back"
	b.Adapters[0].Clock = "it has none"
	b.Adapters = append(b.Adapters, AdapterReport{Adapter: engine.Adapter{Name: "three"}, Error: "it does not open"})
	c, err := Compare([]File{{"a.json", a}, {"b.json", b}})
	if err != nil {
		t.Fatal(err)
	}
	for what, lines := range map[string]struct{ got, want []string }{
		"warnings": {c.Warnings, []string{
			"A, a.json: 1 of 4 measurements spread by more than 10%: if something else used the machine, measure again without it",
			"A, a.json: the host's clock took some of the times: it goes back",
			"B, b.json: the host's clock took the times: it has none",
		}},
		"notes": {c.Notes, []string{
			"three of b.json is left out: it does not open",
			"B was measured by wgpucnn v2, A by v1: a ratio compares the programs as well as the adapters",
			"B was measured with wgpu v9, A with v0",
			"B was measured with 0.1 s a measurement in 3 rounds, batch 128, variants base,stride,max,avg, A with 0.5 s a measurement in 3 rounds, batch 128, variants base,stride,max,avg",
			"B tiles its kernels in another way than A: by default, and for 3 single dispatches",
			"B has its energy from RAPL package, A from NVML: they may count other parts of the machine",
			"B runs another kernel than A's, by text, constants or workgroups, for the same work: k1, k2, k3 and 1 more",
			"B was timed by differences, A by timestamps: k1, k2, k3 and 1 more",
		}},
	} {
		if !slices.Equal(lines.got, lines.want) {
			t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(lines.got, "\n"), strings.Join(lines.want, "\n"))
		}
	}
	for _, want := range []string{"\nwarning: A, a.json: 1 of 4", "\nnote: B was measured with wgpu v9"} {
		if !strings.Contains(c.Table(0), want) {
			t.Errorf("the table lacks %q:\n%s", want, c.Table(0))
		}
	}
}

// A ratio of other kernels or other methods is marked, and its mean stands apart. Training and
// prediction run other kernels if the kernels of their variant's training step differ.
func TestCompareMarks(t *testing.T) {
	run := func(adapter, code string, method Method, seconds float64) Report {
		network := func(group Group, name string) Measurement {
			return changed(kernel(name, seconds, seconds, seconds), func(m *Measurement) { m.Group, m.Method, m.Code, m.Images = group, HostClock, "", 128 })
		}
		coded := func(name, code string) Measurement {
			return changed(kernel(name, seconds, seconds, seconds), func(m *Measurement) { m.Code, m.Method = code, method })
		}
		return made(adapter, "v1", coded("base conv", code), coded("base sgd", code), coded("max conv", "c0de"), coded("max sgd", "c0de"),
			network(Training, "base batch 128"), network(Training, "max batch 128"), network(Training, "avg batch 128"), network(Prediction, "base batch 1"))
	}
	c, err := Compare([]File{{"a", run("one", "c0de", Timestamps, 1)}, {"b", run("two", "0ther", Timestamps, 0.5)}, {"c", run("three", "c0de", Differences, 4)}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]string{ // the marks of B and C
		"base conv": {"k", "m"}, "base sgd": {"k", "m"}, "max conv": {"", "m"}, "max sgd": {"", "m"},
		"base batch 128": {"k", ""}, "max batch 128": {"", ""}, "avg batch 128": {"", ""}, "base batch 1": {"k", ""},
	}
	for _, row := range c.Rows {
		if got := [2]string{row.Cells[1].marks(), row.Cells[2].marks()}; got != want[row.Name] {
			t.Errorf("%s is marked %q, want %q", row.Name, got, want[row.Name])
		}
	}
	means := map[string][2]float64{"kernels geometric mean": {2, 0}, "kernels geometric mean of marked": {2, 0.25}, "training geometric mean": {2, 0.25}}
	for _, mean := range c.Means {
		name := string(mean.Group) + " " + mean.Name
		got, want := [2]float64{mean.Cells[1].Ratio, mean.Cells[2].Ratio}, means[name]
		if !(math.Abs(got[0]-want[0]) <= 1e-12 && math.Abs(got[1]-want[1]) <= 1e-12) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if len(c.Means) != len(means) {
		t.Errorf("%d means, want %d", len(c.Means), len(means))
	}
	for _, want := range []string{"2.00x  2.00 to 2.00 k  4.00 s  0.250x  0.250 to 0.250 m\n", "note: B runs other kernels than A, by the kernels of the training step: base batch 128 (training), base batch 1 (prediction)\n"} {
		if !strings.Contains(c.Table(0), want) {
			t.Errorf("the table lacks %q:\n%s", want, c.Table(0))
		}
	}
}

// A file that the first version with schema 1 wrote is still read, and compares with itself
// within noise.
func TestCompareOldFile(t *testing.T) {
	r := oldFile(t)
	c, err := Compare([]File{{"a", r}, {"b", r}, {"c", r}})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rows) != len(r.Adapters[0].Measurements) || len(c.Notes) != 0 {
		t.Errorf("%d rows of %d measurements, notes %q", len(c.Rows), len(r.Adapters[0].Measurements), c.Notes)
	}
	for _, row := range c.Rows {
		for _, cell := range row.Cells[1:] {
			if cell.marks() != "=" || cell.Ratio != 1 {
				t.Errorf("%s of itself is %+v", row.Name, cell)
			}
		}
	}
}
