package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"
)

// A run that went on and was killed before its new summary gets that of what is done.
func TestMendOldSummary(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	mustCall(t, strings.Fields("train --epochs 1 --batch 500 --hidden 2 --pooling max,avg --quiet --out run")...)
	before := files(t, "run")
	mustCall(t, strings.Fields("train --resume run --epochs 2 --quiet")...)
	after := files(t, "run")
	restore := func(from map[string][]byte, names ...string) {
		for _, name := range names {
			if err := os.WriteFile(filepath.Join("run", name), from[name], 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	restore(before, summaryFile, "summary.md")
	mustCall(t, "report", "run")
	if got := files(t, "run"); !bytes.Equal(got[summaryFile], after[summaryFile]) || !bytes.Equal(got[pageFile], after[pageFile]) {
		t.Errorf("of two variants that went on: the summary is\n%s\nwant\n%s", got[summaryFile], after[summaryFile])
	}

	restore(before, summaryFile, "avg/"+modelFile, "avg/"+metricsFile, "avg/"+evaluationFile)
	mustCall(t, "report", "run")
	var summary report.Summary
	if err := readJSON("run/"+summaryFile, &summary); err != nil || len(summary.Variants) != 2 || summary.Variants[0].Epochs != 2 || summary.Variants[1].Epochs != 1 {
		t.Errorf("of one that went on: %v, %+v", err, summary.Variants)
	}

	// A page from before its summary is made again.
	restore(after, summaryFile, "avg/"+modelFile, "avg/"+metricsFile, "avg/"+evaluationFile)
	restore(before, pageFile)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes("run/"+pageFile, old, old); err != nil {
		t.Fatal(err)
	}
	mustCall(t, "train", "--resume", "run")
	if got := files(t, "run"); !bytes.Equal(got[pageFile], after[pageFile]) {
		t.Error("--resume left the page of the run before it went on")
	}

	// The run of another version, with flags that are unknown here, has a page too.
	foreign := bytes.Replace(after[configFile], []byte("--opset=9"), []byte("--gone=9"), 1)
	if err := os.WriteFile("run/"+configFile, foreign, 0o666); err != nil || bytes.Equal(foreign, after[configFile]) {
		t.Fatalf("%v: %s", err, foreign)
	}
	mustCall(t, "report", "run")
}

// A run that was killed after its variants were done, or lost its page, is mended by report
// and by --resume.
func TestMend(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	mustCall(t, strings.Fields("train --epochs 1 --batch 500 --hidden 2 --pooling max,avg,base --validation 0.1 --quiet --out whole")...)
	want := files(t, "whole")
	for name, c := range map[string]struct {
		missing []string
		mend    []string
	}{
		"report, no summary":  {[]string{summaryFile, "summary.md", pageFile, bestName}, []string{"report", "run"}},
		"report, no page":     {[]string{pageFile}, []string{"report", "run"}},
		"--resume, no page":   {[]string{pageFile}, []string{"train", "--resume", "run"}},
		"--resume, no result": {[]string{summaryFile, pageFile}, []string{"train", "--quiet", "--resume", "run"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer os.RemoveAll("run")
			if err := os.CopyFS("run", os.DirFS("whole")); err != nil {
				t.Fatal(err)
			}
			for _, file := range c.missing {
				if err := os.RemoveAll(filepath.Join("run", file)); err != nil {
					t.Fatal(err)
				}
			}
			unfinished := filepath.Join("run", "max", strings.Replace(durable.Temporary, "*", "1", 1))
			if err := os.WriteFile(unfinished, nil, 0o666); err != nil {
				t.Fatal(err)
			}
			mustCall(t, c.mend...)
			got := files(t, "run")
			if _, err := os.Stat(unfinished); !os.IsNotExist(err) && slices.Contains(c.missing, summaryFile) {
				t.Errorf("a file of a killed process stays: %v", err)
			}
			for _, file := range []string{summaryFile, "summary.md"} {
				if !bytes.Equal(got[file], want[file]) {
					t.Errorf("%s is\n%s\nwant\n%s", file, got[file], want[file])
				}
			}
			if len(got[pageFile]) == 0 {
				t.Error("no page")
			}
			if _, err := os.Stat(filepath.Join("run", bestName, modelFile)); err != nil {
				t.Error(err)
			}
		})
	}

	// One variant is not done, then none.
	for _, c := range []struct {
		missing string
		status  int
		want    string
	}{{"max", 0, ""}, {"avg", 0, ""}, {"base", 1, "report: whole: no variant is done: \"wgpucnn train --resume whole\" goes on"}} {
		if err := os.Remove(filepath.Join("whole", summaryFile)); err != nil && c.want == "" {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join("whole", c.missing, modelFile)); err != nil {
			t.Fatal(err)
		}
		status, _, err := call("report", "whole")
		if status != c.status || !strings.Contains(err, c.want) {
			t.Errorf("without %s: status %d, %q; want %d, %q", c.missing, status, err, c.status, c.want)
		}
		if summary := files(t, "whole")[summaryFile]; c.want == "" && bytes.Contains(summary, []byte(`"pooling": "`+c.missing)) {
			t.Errorf("without %s: %s", c.missing, summary)
		}
	}
	held, err := lock("whole")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if status, _, err := call("report", "whole"); status != 1 || !strings.Contains(err, "report: whole: another process is training there: wait for its end") {
		t.Errorf("beside a training: status %d, %q", status, err)
	}
}
