package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
)

// report makes the page of a run again from the run's files, to the last byte. It makes a page of two
// runs too. A file that a run lacks is named on the page, or is an error.
func TestReport(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	for _, line := range []string{
		"train -q --epochs 2 --batch 500 --hidden 1 --pooling avg,stride --out one",
		"train -q --epochs 1 --batch 500 --hidden 1 --pooling avg --seed 1 --validation 0.1 --out two",
	} {
		if status, _, err := call(strings.Fields(line)...); status != 0 {
			t.Fatalf("%s: %s", line, err)
		}
	}
	left := runstest.Files(t, "one")["report.html"]
	for _, want := range []string{"<h1>Run one</h1>", "stride", "test, 300 rows", "train, 1,500 rows", "data:image/png;base64,", "wgpucnn train --data=builtin", "Row by row on the same 300 test pictures"} {
		if !bytes.Contains(left, []byte(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if err := os.Remove("one/report.html"); err != nil {
		t.Fatal(err)
	}
	if status, out, err := call("report", "one/"); status != 0 || out != filepath.Join("one", "report.html")+"\n" {
		t.Fatalf("status %d, %q, %q", status, out, err)
	}
	if !bytes.Equal(runstest.Files(t, "one")["report.html"], left) {
		t.Error("the page that was made again is another")
	}

	if err := os.Remove("two/avg/evaluation.json"); err != nil {
		t.Fatal(err)
	}
	if status, out, err := call("report", "one", "two"); status != 0 || out != "report.html\n" {
		t.Fatalf("status %d, %q, %q", status, out, err)
	}
	for _, want := range []string{"<h1>Comparison of 2 runs</h1>", "one/stride", "two/avg", "The run has no evaluation.json of avg"} {
		if page := runstest.Files(t, ".")["report.html"]; !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page of both lacks %q", want)
		}
	}

	for name, c := range map[string]struct{ text, want string }{
		"avg/evaluation.json": {`{"classes":["a"],"sets":[{"name":"test","confusion":[]}]}`, "evaluation.json: test: confusion matrix of 0 rows: want 1"},
		"avg/metrics.csv":     {"epoch\n", "metrics.csv: report: metrics: want the columns epoch,"},
		"config.json":         {"{", "config.json: unexpected end of JSON input"},
		"summary.json":        {`{"variants":[{"pooling":"stride","epochs":2,"folder":"stride"},{"pooling":"avg","epochs":2,"folder":"../two/avg"}]}`, `variant in folder "../two/avg": want one within the run's`},
	} {
		path := filepath.Join("one", name)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if status, out, err := call("report", "one"); status != 1 || out != "" || !strings.Contains(err, c.want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%s: status %d, %q, %q; want %q", name, status, out, err, c.want)
		}
		if err := os.WriteFile(path, before, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
