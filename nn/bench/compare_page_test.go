package bench

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"wgpucnn/nn/report/htmltest"
)

// compared returns a comparison of three files with all groups, marks and kinds of rows. One file
// has hostile names.
func compared(t *testing.T) Comparison {
	t.Helper()
	const hostile = `<script>alert("x")</script>`
	group := func(g Group, name string, seconds float64) Measurement {
		return changed(kernel(name, 0.9*seconds, seconds, 1.1*seconds), func(m *Measurement) { m.Group, m.Method, m.Code, m.Images = g, HostClock, "", 128 })
	}
	report := func(adapter, version string, seconds float64, changes ...func(*Measurement)) Report {
		work := kernel("base conv "+hostile, seconds, seconds, seconds)
		for _, change := range changes {
			change(&work)
		}
		r := made(adapter, version, work, kernel("base sgd", seconds, seconds, 1.2*seconds), kernel("base head", seconds, 2*seconds, 3*seconds),
			group(Training, "base batch 128", seconds), group(Prediction, "base batch 1", seconds), group(Overhead, "submit nothing", seconds), group(Copies, "on the device", seconds))
		r.System, r.Cores = "linux/amd64", 8
		return r
	}
	one, two, three := report("one", "v1", 1), report("two"+hostile, "v2", 0.5, func(m *Measurement) { m.Code = "0ther" }), report("three", "v1", 1.05, func(m *Measurement) { m.Flops++ })
	two.Adapters[0].Clock = "it goes back " + hostile
	find(one.Adapters[0].Measurements, key{Kernels, "base sgd"}).Perfect = Perfect{Seconds: 0.25, Share: 0.25, Bound: Memory}
	find(three.Adapters[0].Measurements, key{Training, "base batch 128"}).Perfect = Perfect{Seconds: 0.5, Share: 0.4762}
	for i, r := range []Report{one, two} { // 64 and 256 images a joule
		r.Adapters[0].Meter, find(r.Adapters[0].Measurements, key{Training, "base batch 128"}).Joules = "NVML", []float64{2, 0.5}[i]
	}
	c, err := Compare([]File{{"a.json", one}, {`b" onload=".json`, two}, {"c.json", three}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pageOf(t *testing.T, c Comparison) string {
	t.Helper()
	data, err := c.Page()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// text returns what a reader sees of a page, with a blank for each tag.
func textOf(page string) string {
	_, body, _ := strings.Cut(page, "<body>")
	return strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " "))), " ")
}

// The page fetches nothing, is well-formed, and holds every line of the text. Names from files are
// escaped.
func TestPage(t *testing.T) {
	c := compared(t)
	page := pageOf(t, c)
	htmltest.SelfContained(t, page)
	htmltest.WellFormed(t, page)
	for _, not := range []string{"<script", `" onload`, "<img"} {
		if strings.Contains(page, not) {
			t.Errorf("the page contains %q", not)
		}
	}
	shown := textOf(page)
	lines := 0
	for _, line := range strings.Split(c.Table(0), "\n") {
		if words := strings.Fields(line); strings.HasPrefix(line, "  ") {
			lines++
			if !strings.Contains(shown, strings.Join(words, " ")) {
				t.Errorf("the page lacks the row %q", words)
			}
		}
	}
	if want := 6 + len(c.Rows) + len(c.Means) + 1; lines != want { // five groups and the energy have a heading
		t.Errorf("%d lines in the tables, want %d", lines, want)
	}
	for _, note := range append(c.Notes, c.Warnings...) {
		if !strings.Contains(shown, strings.Join(strings.Fields(note), " ")) {
			t.Errorf("the page lacks the note %q", note)
		}
	}
	for _, want := range []string{
		"Speed of wgpucnn on 3 adapters", "The reference is A, one (Vulkan).",
		`B, two<script>alert("x")</script> (Vulkan), trains 2.00 times as fast as A, with other kernels (1.64 to 2.44).`,
		"C, three (Vulkan), trains 0.952 times as fast as A, which is within noise (0.779 to 1.16).",
		"system linux/amd64, 8 processor cores", "wgpucnn v2", "measured 1970-01-01 00:00", `file b" onload=".json`,
		"images a joule A B B / A C C / A base batch 128 64.0 256 4.00x - -", "energy NVML", "share of the peaks A B C base sgd 25.0% memory - - base batch 128 - - 47.6% Limits", "idle power included. A thin line is the interval of the median. base batch 128 A 15.6 mJ B 3.91 mJ",
		"A 128 116 to 142 B 256 233 to 284 C 122 111 to 135", "A 1.00 s 900 ms to 1.10 s", "B 2.00x, 1.64 to 2.44",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// Files of the same adapter are runs, and a slower one takes longer. Without notes and warnings the
// page says so.
func TestPageOfRuns(t *testing.T) {
	training := func(seconds float64) Report {
		return made("one", "v1", changed(kernel("base batch 128", seconds, seconds, seconds), func(m *Measurement) { m.Group = Training }))
	}
	c, err := Compare([]File{{"a", training(1)}, {"b", training(4)}})
	if err != nil {
		t.Fatal(err)
	}
	shown := textOf(pageOf(t, c))
	for _, want := range []string{"Speed of wgpucnn in 2 runs on one", "The reference is A, a.", "B, b, takes 4.00 times as long as A for a training step (4.00 to 4.00).", "Nothing: the program,", "Warnings of the files None."} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page lacks %q:\n%s", want, shown)
		}
	}
}

// An old file has a page too.
func TestPageOfOldFile(t *testing.T) {
	r := oldFile(t)
	c, err := Compare([]File{{"a", r}, {"b", r}})
	if err != nil {
		t.Fatal(err)
	}
	page := pageOf(t, c)
	htmltest.SelfContained(t, page)
	htmltest.WellFormed(t, page)
}

// Bars begin at 0 and end at the longest interval. A strip has a lane for each column after the
// first, and its axis holds every interval.
func TestPagePictures(t *testing.T) {
	c := compared(t)
	b := c.bars(Training, runTime)
	want := []bar{
		{"A", 0, 1000 / 1.155, 900 / 1.155, 1100 / 1.155, "1.00 s", "900 ms", "1.10 s"},
		{"B", 1, 500 / 1.155, 450 / 1.155, 550 / 1.155, "500 ms", "450 ms", "550 ms"},
		{"C", 2, 1050 / 1.155, 945 / 1.155, 1000, "1.05 s", "945 ms", "1.16 s"},
	}
	for i, got := range b.Rows[0].Bars {
		for _, pair := range [][2]float64{{got.Length, want[i].Length}, {got.Low, want[i].Low}, {got.High, want[i].High}} {
			if d := pair[0] - pair[1]; !(d*d <= 1e-12) || got.Letter != want[i].Letter || got.Color != want[i].Color || got.Value != want[i].Value || got.Least != want[i].Least || got.Greatest != want[i].Greatest {
				t.Errorf("bar %d is %+v, want %+v", i, got, want[i])
			}
		}
	}
	s := c.strips(Kernels)
	if s.Height != 2*laneHeight || len(s.Rows) != 3 || len(s.Rows[0].Points) != 1 || !s.Rows[0].Points[0].Marked || !s.Rows[2].Points[0].Noise {
		t.Errorf("got %+v", s)
	}
	for _, row := range s.Rows {
		for _, p := range row.Points {
			if !(0 < p.Low && p.Low <= p.At && p.At <= p.End && p.End < 1000) || p.Y < 0 || p.Y > s.Height {
				t.Errorf("%s: %+v lies outside", row.Name, p)
			}
		}
	}
	for v, want := range map[float64]string{0.5: "0.500", 999: "999", 999.6: "1.00 k", 12345: "12.3 k", 3231467: "3.23 M", 5e9: "5.00 G"} {
		if got := count(v); got != want {
			t.Errorf("%v: got %q, want %q", v, got, want)
		}
	}
}
