package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/bench"
)

// A run prints its tables and writes a file. Files compare as a table, as JSON, as a picture and as a page.
func TestBench(t *testing.T) {
	dev := enginetest.Open(t)
	t.Chdir(t.TempDir())
	const quick = "bench --quick --seconds 0.001 --batch 2 --pooling stride --out "
	status, out, progress := call(strings.Fields(quick + "one.json")...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, progress)
	}
	for _, want := range []string{"adapter  " + dev.Adapter().String(), "clock    the ", "energy   ", "GFLOP/s", "stride batch 2", "stride batch 1 ", "submit nothing and wait", "measured in "} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	status, out, progress = call(strings.Fields(quick + "two.json --json")...)
	two, err := os.ReadFile("two.json")
	if status != 0 || err != nil || out != string(two) {
		t.Fatalf("status %d, %s, %v: --json printed other than --out left", status, progress, err)
	}
	r, err := bench.Parse(two)
	if err != nil || r.Version == "" || r.WGPU == "" || r.Cores == 0 || r.Time.IsZero() || r.Adapters[0].Adapter != dev.Adapter() || r.Adapters[0].Default != nn.TilingFor(dev.Adapter()) {
		t.Errorf("the report lacks something: %v, %+v", err, r)
	}

	// Nine dispatches or so, a step, a prediction, four of overhead, three copies.
	status, out, progress = call("bench", "compare", "one.json", "two.json", "two.json", "--png", "speed.png", "--html", "speed.html")
	if status != 0 || progress != "" || !strings.Contains(out, "B / A") || !strings.Contains(out, "C / A") || !strings.Contains(out, "geometric mean") {
		t.Errorf("status %d, %q:\n%s", status, progress, out)
	}
	picture, err := os.ReadFile("speed.png")
	if err == nil {
		_, err = png.Decode(bytes.NewReader(picture))
	}
	if err != nil {
		t.Error(err)
	}
	if page, err := os.ReadFile("speed.html"); err != nil || !bytes.Contains(page, []byte("stride batch 2")) || !bytes.Contains(page, []byte("two.json")) {
		t.Errorf("%v: the page is\n%s", err, page)
	}
	status, out, _ = call("bench", "compare", "--json", "one.json", "two.json")
	var c bench.Comparison
	err = json.Unmarshal([]byte(out), &c)
	var means []bench.Group // the rows of a group may have two means, if the methods of some differ
	for _, mean := range c.Means {
		means = append(means, mean.Group)
	}
	if want := []bench.Group{bench.Kernels, bench.Overhead, bench.Copies}; status != 0 || err != nil || len(c.Columns) != 2 || len(c.Rows) < 15 || !slices.Equal(slices.Compact(means), want) {
		t.Errorf("status %d, %v: %d columns, %d rows, means of %v, want those of %v", status, err, len(c.Columns), len(c.Rows), means, want)
	}
}

// A file that bench did not write gives one line and exit status 1. Nothing is written.
func TestBenchCompareFailures(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"empty": "", "csv": "a,b\n", "verify.json": `{"version": "v1", "adapters": []}`, "next.json": `{"wgpucnn_bench": 2}`, "none.json": `{"wgpucnn_bench": 1}`} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ line, want string }{
		{"nowhere.json", "nowhere.json: no such file"},
		{".", "is a directory"},
		{"empty", "empty: bench: the file is empty"},
		{"csv", "csv: bench: not a file of \"wgpucnn bench\""},
		{"verify.json", "verify.json: bench: not a file of"},
		{"next.json", "a file of schema 2: this program reads 1"},
		{"none.json none.json", "none.json: bench: "},
		{"csv --png nowhere/speed.png", "--png nowhere/speed.png: there is no folder nowhere"},
		{"csv --png .", "--png .: that is a folder"},
		{"csv --html nowhere/speed.html", "--html nowhere/speed.html: there is no folder nowhere"},
	} {
		status, out, err := call(append([]string{"bench", "compare"}, strings.Fields(c.line)...)...)
		if status != 1 || out != "" || !strings.Contains(err, c.want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%q: status %d, %q, %q; want 1 and a line with %q", c.line, status, out, err, c.want)
		}
	}
	if entries, _ := filepath.Glob("*"); len(entries) != 5 {
		t.Errorf("left %v", entries)
	}
}
