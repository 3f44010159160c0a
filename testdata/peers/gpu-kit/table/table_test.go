package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files of a folder, cut short.
const (
	sampleLines = `gpu: yes
adapter: A GPU (Vulkan)
round: 1
goos: linux
BenchmarkStep/base-16         	    6000	     50000 ns/op	   2560000 images/s	     21699 params
BenchmarkStep/20M-16          	     900	    500000 ns/op	    332131 params
BenchmarkStep/max-16
error: a driver's own words 1 2
BenchmarkConv2d/forward-16    	    6000	     63000 ns/op	     40000 GFLOP/s
BenchmarkEpoch/base-16        	     500	    600000 ns/op
BenchmarkPyTorch/step/base/graph/tf32=off 400 250000 ns/op 21699 params
BenchmarkPyTorch/step/20M/graph/tf32=off 200 450000 ns/op 332132 params
round: 2
BenchmarkStep/base-16         	    6000	    100000 ns/op	   1280000 images/s	     21699 params
BenchmarkPyTorch/step/base/graph/tf32=off 400 450000 ns/op 21699 params
round: 3
BenchmarkStep/base-16         	    6000	     38000 ns/op	   1280000 images/s	     21699 params
`
	sampleVerify = `{"adapters": [{"results": [{"cases": 3}, {"cases": 2, "skipped": [{"case": "a"}], "failed": [{"case": "b"}]}]}]}`
	sampleBench  = `{"adapters": [{"measurements": [
		{"group": "peaks", "name": "one", "seconds": {"median": 1e-5, "p25": 1e-5, "p75": 1e-5}, "flops": 500000000},
		{"group": "peaks", "name": "two", "seconds": {"median": 2e-5, "p25": 1e-5, "p75": 3e-5}, "flops": 1000000000},
		{"group": "prediction", "name": "base batch 1", "seconds": {"median": 130e-6, "p25": 120e-6, "p75": 140e-6}},
		{"group": "overhead", "name": "submit nothing and wait", "seconds": {"median": 100e-6, "p25": 90e-6, "p75": 110e-6}},
		{"group": "copies", "name": "to the device 32 MiB", "seconds": {"median": 4e-3, "p25": 2e-3, "p75": 8e-3}, "bytes": 32000000}
	]}]}`
)

// folder returns a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// table returns the table of a folder.
func table(t *testing.T, folder string, failures ...string) result {
	t.Helper()
	m, err := read(folder)
	if err != nil {
		t.Fatal(err)
	}
	return m.result(failures)
}

// find returns the measured figure and the verdict of a line.
func (r result) find(t *testing.T, line string) string {
	t.Helper()
	for _, row := range r.Rows {
		if row.Line == line {
			return row.Measured + "|" + row.Verdict
		}
	}
	t.Fatalf("no line %q", line)
	return ""
}

// Each kind of line is computed from its files. A ratio takes the rounds that measured both, and
// each figure is judged by its median.
func TestTable(t *testing.T) {
	r := table(t, folder(t, map[string]string{"lines.txt": sampleLines, "verify.json": sampleVerify, "bench.json": sampleBench}), "PyTorch: round 3 failed")
	for line, want := range map[string]string{
		"verify":                                                             "5 cases, 1 failed, 1 skipped|missed",
		"verify --limits default":                                            "not measured|",
		"step of base, batch 128":                                            "50 us (38 to 100)|reached",
		"step of max, batch 128":                                             "not measured|",
		"base against PyTorch eager, TF32 off":                               "not measured|",
		"base against PyTorch's CUDA graph, TF32 off":                        "4.75x (4.5 to 5)|reached",
		"500 epochs of base with evaluation":                                 "0.3 s (0.3 to 0.3)|reached",
		"convolution forward, share of the peak":                             "80 % (80 to 80)|ambition",
		"step of 20 M multiply-adds against PyTorch's CUDA graph, TF32 off":  "not measured|", // the networks differ
		"prediction at batch 1, divided by an empty submission and its wait": "1.3x (1.2 to 1.4)|reached",
		"copies to the device":                                               "8 GB/s (4 to 16)|missed",
	} {
		if got := r.find(t, line); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	if want := []string{"PyTorch: round 3 failed", "20M: PyTorch's network has another number of parameters"}; !slices.Equal(r.Failures, want) {
		t.Errorf("failures: got %q, want %q", r.Failures, want)
	}
	text := r.String()
	for _, want := range []string{"    adapter: A GPU (Vulkan)\n", "| verify | 5 cases, 1 failed, 1 skipped | 0 failed |  | missed |\n", "| Step/base | 50.0 | 38.0 | 100.0 | 3 |\n", "- PyTorch: round 3 failed\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, unwanted := range []string{"goos", "driver's own words", "round:"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("%q in\n%s", unwanted, text)
		}
	}
}

// A dry run and a machine without a GPU get no verdicts.
func TestUnjudged(t *testing.T) {
	for _, lines := range []string{strings.ReplaceAll(sampleLines, "gpu: yes", "gpu: no"), "run: dry\n" + sampleLines} {
		r := table(t, folder(t, map[string]string{"lines.txt": lines, "verify.json": sampleVerify}))
		if got := r.find(t, "step of base, batch 128"); got != "50 us (38 to 100)|" || r.Unjudged == "" {
			t.Errorf("got %q, %q", got, r.Unjudged)
		}
	}
}

// A folder without any file gives a table in which nothing was measured.
func TestNothing(t *testing.T) {
	folder := t.TempDir()
	for _, row := range table(t, folder).Rows {
		if row.Measured != "not measured" || row.Verdict != "" {
			t.Errorf("%s: got %q, %q", row.Line, row.Measured, row.Verdict)
		}
	}
	if err := run(folder, nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var again result
	if err := json.Unmarshal(data, &again); err != nil || len(again.Rows) != len(figures)+2 {
		t.Errorf("results.json: %v: %d rows", err, len(again.Rows))
	}
}

// A damaged report is an error that names the file.
func TestDamaged(t *testing.T) {
	_, err := read(folder(t, map[string]string{"bench.json": "[1, 2]"}))
	if err == nil || !strings.Contains(err.Error(), "bench.json: not what wgpucnn writes") {
		t.Errorf("got %v", err)
	}
}
