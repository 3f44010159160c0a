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
	status, out, progress := call(strings.Fields(quick + "one.json --roofline roof.PNG")...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, progress)
	}
	for _, want := range []string{"adapter  " + dev.Adapter().String(), "clock    the ", "energy   ", "GFLOP/s", "share  bound", "perfect", "multiply-adds of f32", "stride batch 2", "stride batch 1 ", "submit nothing and wait", "measured in "} {
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

	// Nine dispatches or so, a step, a prediction, four of overhead, seven peaks, three copies.
	status, out, progress = call("bench", "compare", "one.json", "two.json", "two.json", "--png", "speed.png", "--html", "speed.html")
	if status != 0 || progress != "" || !strings.Contains(out, "B / A") || !strings.Contains(out, "C / A") || !strings.Contains(out, "geometric mean") {
		t.Errorf("status %d, %q:\n%s", status, progress, out)
	}
	for _, name := range []string{"roof.PNG", "speed.png"} {
		picture, err := os.ReadFile(name)
		if err == nil {
			_, err = png.Decode(bytes.NewReader(picture))
		}
		if err != nil {
			t.Error(name, err)
		}
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
	if want := []bench.Group{bench.Kernels, bench.Peaks, bench.Overhead, bench.Copies}; status != 0 || err != nil || len(c.Columns) != 2 || len(c.Rows) < 22 || !slices.Equal(slices.Compact(means), want) {
		t.Errorf("status %d, %v: %d columns, %d rows, means of %v, want those of %v", status, err, len(c.Columns), len(c.Rows), means, want)
	}
}

// --to trains to an accuracy and tells the seconds, in the report too. If it does not get there,
// it says so in one line.
func TestBenchTo(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	status, out, progress := call(strings.Fields("bench --to 34 --pooling stride --epochs 9 --seed 1 --out to.json")...)
	if status != 0 {
		t.Fatalf("status %d: %s", status, progress)
	}
	for _, want := range []string{"data     builtin, ", "target   34% of the test rows, batch 128, seed 1\n", "\n  stride  ", "% after epoch ", ": training ", ", compiling ", ", together ", "\nenergy   "} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	file, err := os.ReadFile("to.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.Parse(file)
	if err != nil || len(r.Adapters) != 1 || len(r.Adapters[0].Targets) != 1 || len(r.Settings.Variants) != 1 {
		t.Fatalf("%v, %s", err, file)
	}
	if got := r.Adapters[0].Targets[0]; got.Variant != "stride" || got.Data != "builtin" || got.Seed != 1 || got.Accuracy != 34 || got.Reached < 34 || got.Seconds <= 0 {
		t.Errorf("got %+v", got)
	}
	status, out, failure := call(strings.Fields("bench --to 100 --pooling stride --epochs 1 --json")...)
	lines := strings.SplitAfter(failure, "\n") // a slow machine shows its progress above
	if want := "wgpucnn: bench: stride: epochs 1 to 1 reach "; status != 1 || out != "" || len(lines) < 2 || !strings.HasPrefix(lines[len(lines)-2], want) || lines[len(lines)-1] != "" {
		t.Errorf("status %d, %q, %q; want 1 and a last line that begins with %q", status, out, failure, want)
	}
}

// Flags that do not fit each other are usage errors that name one.
func TestBenchUsage(t *testing.T) {
	for line, want := range map[string]string{
		"--roofline roof.gif":         "--roofline roof.gif: want a name that ends in .png or .svg",
		"--roofline roof":             "--roofline roof: want a name that ends",
		"--roofline roof.png --all":   "--all and --roofline: want one of them",
		"--epochs 3":                  "--epochs is for --to",
		"--seed 3":                    "--seed is for --to",
		"--data builtin":              "--data is for --to",
		"--classes apple":             "--classes is for --to",
		"--to 90 --quick":             "--to and --quick: want one of them",
		"--to 90 --seconds 1":         "--to and --seconds: want one of them",
		"--to 90 --roofline roof.png": "--to and --roofline: want one of them",
		"--to 0":                      "--to 0: want above 0, at most 100",
		"--to 100.1":                  "--to 100.1: want above 0",
		"--to NaN":                    "--to NaN: want above 0",
		"--to 90 --epochs 0":          "--epochs 0: want 1 to 1000000",
		"--to 90 --url http://there":  "--url is for --data cifar100",
		"--to 90 --pooling median":    `variant "median"`,
	} {
		status, out, err := call(append([]string{"bench"}, strings.Fields(line)...)...)
		if status != 2 || out != "" || !strings.Contains(err, want) {
			t.Errorf("%q: status %d, %q, %q; want 2 and a line with %q", line, status, out, err, want)
		}
	}
}

// A file that bench did not write gives one line and exit status 1. Nothing is written.
func TestBenchCompareFailures(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"empty": "", "csv": "a,b\n", "verify.json": `{"version": "v1", "adapters": []}`, "next.json": `{"wgpucnn_bench": 3}`, "none.json": `{"wgpucnn_bench": 2}`} {
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
		{"next.json", "a file of schema 3: this program reads 1 to 2"},
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
