package bench

import (
	"math"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
)

// made returns a report of one adapter with these measurements.
func made(adapter, version string, measurements ...Measurement) Report {
	return Report{
		Schema: Schema, Version: version, WGPU: "v0", Time: time.Unix(0, 0).UTC(), Settings: Standard(),
		Adapters: []AdapterReport{{Adapter: engine.Adapter{Name: adapter, Backend: "Vulkan"}, Measurements: measurements}},
	}
}

// kernel returns a measurement whose median has that interval.
func kernel(name string, low, median, high float64) Measurement {
	return Measurement{Group: Kernels, Name: name, Method: Timestamps, Flops: 1000, Bytes: 100, Code: "c0de",
		Seconds: Sample{Count: 9, Low: low, P25: low, Median: median, P75: high, High: high}}
}

// changed returns m after f has changed it.
func changed(m Measurement, f func(*Measurement)) Measurement {
	f(&m)
	return m
}

// Ratios and their intervals were computed by hand. A ratio is within noise if the intervals of
// the medians overlap.
func TestCompare(t *testing.T) {
	a := made("one", "v1", kernel("twice", 0.9, 1, 1.1), kernel("half", 0.9, 1, 1.1), kernel("near", 0.9, 1, 1.1), kernel("touching", 0.9, 1, 1.1),
		kernel("work", 1, 1, 1), kernel("alone", 1, 1, 1))
	b := made("two", "v1", kernel("twice", 0.4, 0.5, 0.6), kernel("half", 1.6, 2, 2.5), kernel("near", 1, 1.25, 1.5), kernel("touching", 1.1, 1.2, 1.3),
		changed(kernel("work", 1, 1, 1), func(m *Measurement) { m.Flops++ }), kernel("other", 1, 1, 1))
	c, err := Compare([]File{{"a.json", a}, {"b.json", b}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Cell{
		"twice":    {Seconds: 0.5, Ratio: 2, Low: 0.9 / 0.6, High: 1.1 / 0.4, Verdict: Faster},
		"half":     {Seconds: 2, Ratio: 0.5, Low: 0.9 / 2.5, High: 1.1 / 1.6, Verdict: Slower},
		"near":     {Seconds: 1.25, Ratio: 0.8, Low: 0.9 / 1.5, High: 1.1, Verdict: WithinNoise},
		"touching": {Seconds: 1.2, Ratio: 1 / 1.2, Low: 0.9 / 1.3, High: 1, Verdict: WithinNoise},
		"work":     {Seconds: 1, Ratio: 0, Low: 0, High: 0, Verdict: Incomparable},
	}
	if len(c.Rows) != len(want) {
		t.Errorf("%d rows, want %d: %+v", len(c.Rows), len(want), c.Rows)
	}
	for _, row := range c.Rows {
		if got := row.Cells[0]; got.Verdict != Baseline || got.Ratio != 1 {
			t.Errorf("%s: the first column is %+v", row.Name, got)
		}
		got, want := row.Cells[1], want[row.Name]
		for _, pair := range [][2]float64{{got.Seconds, want.Seconds}, {got.Ratio, want.Ratio}, {got.Low, want.Low}, {got.High, want.High}} {
			if !(math.Abs(pair[0]-pair[1]) <= 1e-12) || got.Verdict != want.Verdict {
				t.Errorf("%s: got %+v, want %+v", row.Name, got, want)
			}
		}
	}
	text := c.Table(0)
	for _, want := range []string{
		"A  one (Vulkan), wgpucnn v1, 1970-01-01 00:00, a.json\n", "\nB  two (Vulkan)",
		"  twice           1.00 s  500 ms   2.00x    1.50 to 2.75\n", "0.692 to 1.00 =\n",
		// The geometric means of 2, 0.5, 0.8 and 1/1.2, of 1.5, 0.36, 0.6 and 0.9/1.3, and of 2.75, 0.6875, 1.1 and 1.
		"geometric mean       -       -  0.904x   0.688 to 1.20 =\n",
		"note: B did other work than A's, so has no ratio: work\n", "note: only one has: alone (kernels), other (kernels)\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
}

// A measurement that the first column lacks has no ratio. It is listed if two other columns
// have it.
func TestCompareWithoutFirst(t *testing.T) {
	a, b := made("one", "v1", kernel("k1", 1, 1, 1)), made("two", "v1", kernel("k1", 1, 1, 1), kernel("k2", 1, 1, 1))
	c, err := Compare([]File{{"a", a}, {"b", b}, {"c", b}})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rows) != 2 || c.Rows[1].Cells[0].Verdict != Missing || c.Rows[1].Cells[1] != (Cell{Seconds: 1, Verdict: Missing}) {
		t.Errorf("got %+v", c.Rows)
	}
	if !strings.Contains(c.Table(0), "  k2            -  1.00 s      - ") {
		t.Errorf("got\n%s", c.Table(0))
	}
}

// Each group has its own means, for each column with at least two ratios. The mean of ratios
// within noise is within noise. The mean of ratios beyond noise need not be beyond it.
func TestCompareMeans(t *testing.T) {
	copied := func(name string, low, median, high float64) Measurement {
		return changed(kernel(name, low, median, high), func(m *Measurement) { m.Group = Copies })
	}
	a := made("one", "v1", kernel("k1", 1, 1, 1), kernel("k2", 1, 1, 1), copied("c1", 1, 1, 1), copied("c2", 0.5, 1, 2))
	b := made("two", "v1", kernel("k1", 0.25, 0.5, 1), kernel("k2", 0.25, 0.5, 1), copied("c1", 0.4, 0.5, 0.6), copied("c2", 1, 2, 2.5))
	c := made("three", "v1", kernel("k1", 2, 2, 2), copied("c1", 2, 2, 2), copied("c2", 4, 4, 4))
	comparison, err := Compare([]File{{"a", a}, {"b", b}, {"c", c}})
	if err != nil {
		t.Fatal(err)
	}
	baseline := Cell{Ratio: 1, Low: 1, High: 1, Verdict: Baseline}
	want := []Row{
		{Kernels, "geometric mean", []Cell{baseline, {Ratio: 2, Low: 1, High: 4, Verdict: WithinNoise}, {Verdict: Missing}}},
		{Copies, "geometric mean", []Cell{
			baseline, {Ratio: 1, Low: math.Sqrt(1 / 0.6 * 0.5 / 2.5), High: math.Sqrt(1 / 0.4 * 2), Verdict: WithinNoise}, {Ratio: math.Sqrt(0.5 / 4), Low: math.Sqrt(0.5 * 0.5 / 4), High: 0.5, Verdict: Slower},
		}},
	}
	if len(comparison.Means) != len(want) {
		t.Fatalf("got %+v, want %+v", comparison.Means, want)
	}
	for i, mean := range comparison.Means {
		for j, got := range mean.Cells {
			want := want[i].Cells[j]
			for _, pair := range [][2]float64{{got.Seconds, want.Seconds}, {got.Ratio, want.Ratio}, {got.Low, want.Low}, {got.High, want.High}} {
				if !(math.Abs(pair[0]-pair[1]) <= 1e-12) || got.Verdict != want.Verdict || mean.Group != []Group{Kernels, Copies}[i] {
					t.Errorf("%s, column %d: got %+v, want %+v", mean.Group, j, got, want)
				}
			}
		}
	}
}

// Any number of files are compared with the first. A table that is wider than the terminal is cut
// between columns.
func TestCompareManyFiles(t *testing.T) {
	files := []File{{"first", made("one", "v1", kernel("k1", 1, 1, 1))}}
	for range 29 {
		files = append(files, File{"other", made("two", "v1", kernel("k1", 2, 2, 2))})
	}
	c, err := Compare(files)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Rows[0].Cells[29]; len(c.Columns) != 30 || got.Ratio != 0.5 || got.Verdict != Slower {
		t.Errorf("%d columns, the last of ratio %v, %s; want 30, 0.5, slower", len(c.Columns), got.Ratio, got.Verdict)
	}
	if wide := c.Table(0); strings.Count(wide, "\n  kernels ") != 1 || !strings.Contains(wide, "AD / A") {
		t.Errorf("got\n%s", wide)
	}
	narrow := c.Table(100)
	if got := strings.Count(narrow, "\n  kernels "); got != 29 {
		t.Errorf("%d tables of 100 columns, want one for each of 29 files:\n%s", got, narrow)
	}
	for _, name := range []string{"  B / A", "  Z / A", " AA / A", " AD / A"} {
		if !strings.Contains(narrow, name+"\n") {
			t.Errorf("no table of %s:\n%s", name, narrow)
		}
	}
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 27: "AB", 701: "ZZ", 702: "AAA"} {
		if got := letter(i); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}

func TestCompareErrors(t *testing.T) {
	one := made("one", "v1", kernel("k1", 1, 1, 1))
	for want, files := range map[string][]File{
		"only one adapter":              {{"a", one}},
		"no two adapters have the same": {{"a", one}, {"b", made("two", "v1", kernel("k2", 1, 1, 1))}},
		"only one adapter: want two":    nil,
	} {
		if _, err := Compare(files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
