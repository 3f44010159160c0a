package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
)

// A run that went on and was killed before its new summary gets a summary of the variants that are done.
func TestMendOldSummary(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	mustCall(t, strings.Fields("train --epochs 1 --batch 500 --hidden 2 --pooling max,avg --quiet --out run")...)
	before := runstest.Files(t, "run")
	mustCall(t, strings.Fields("train --resume run --epochs 2 --quiet")...)
	after := runstest.Files(t, "run")
	restore := func(from map[string][]byte, names ...string) {
		for _, name := range names {
			if err := os.WriteFile(filepath.Join("run", name), from[name], 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	restore(before, runs.SummaryFile, "summary.md")
	mustCall(t, "report", "run")
	if got := runstest.Files(t, "run"); !bytes.Equal(got[runs.SummaryFile], after[runs.SummaryFile]) || !bytes.Equal(got[runs.PageFile], after[runs.PageFile]) {
		t.Errorf("of two variants that went on: the summary is\n%s\nwant\n%s", got[runs.SummaryFile], after[runs.SummaryFile])
	}

	restore(before, runs.SummaryFile, "avg/"+runs.ModelFile, "avg/"+runs.MetricsFile, "avg/"+runs.EvaluationFile)
	mustCall(t, "report", "run")
	if summary, err := runs.ReadSummary("run"); err != nil || len(summary.Variants) != 2 || summary.Variants[0].Epochs != 2 || summary.Variants[1].Epochs != 1 {
		t.Errorf("of one that went on: %v, %+v", err, summary.Variants)
	}

	// A page from before its summary is made again.
	restore(after, runs.SummaryFile, "avg/"+runs.ModelFile, "avg/"+runs.MetricsFile, "avg/"+runs.EvaluationFile)
	restore(before, runs.PageFile)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes("run/"+runs.PageFile, old, old); err != nil {
		t.Fatal(err)
	}
	mustCall(t, "train", "--resume", "run")
	if got := runstest.Files(t, "run"); !bytes.Equal(got[runs.PageFile], after[runs.PageFile]) {
		t.Error("--resume left the page of the run before it went on")
	}

	// The run of another version, with flags that are unknown here, has a page too.
	foreign := bytes.Replace(after[runs.ConfigFile], []byte("--opset=9"), []byte("--gone=9"), 1)
	if err := os.WriteFile("run/"+runs.ConfigFile, foreign, 0o666); err != nil || bytes.Equal(foreign, after[runs.ConfigFile]) {
		t.Fatalf("%v: %s", err, foreign)
	}
	mustCall(t, "report", "run")
}

// report and --resume mend a run that was killed after its variants were done, or that lost its page.
func TestMend(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	mustCall(t, strings.Fields("train --epochs 1 --batch 500 --hidden 2 --pooling max,avg,base --validation 0.1 --quiet --out whole")...)
	want := runstest.Files(t, "whole")
	for name, c := range map[string]struct {
		missing []string
		mend    []string
	}{
		"report, no summary":  {[]string{runs.SummaryFile, "summary.md", runs.PageFile, runs.BestName}, []string{"report", "run"}},
		"report, no page":     {[]string{runs.PageFile}, []string{"report", "run"}},
		"--resume, no page":   {[]string{runs.PageFile}, []string{"train", "--resume", "run"}},
		"--resume, no table":  {[]string{"summary.md"}, []string{"train", "--resume", "run"}},
		"--resume, no best":   {[]string{runs.BestName}, []string{"train", "--resume", "run"}},
		"--resume, no result": {[]string{runs.SummaryFile, runs.PageFile}, []string{"train", "--quiet", "--resume", "run"}},
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
			unfinished := filepath.Join("run", "max", ".wgpucnn-1")
			if err := os.WriteFile(unfinished, nil, 0o666); err != nil {
				t.Fatal(err)
			}
			mustCall(t, c.mend...)
			got := runstest.Files(t, "run")
			if _, err := os.Stat(unfinished); !os.IsNotExist(err) && (c.mend[0] == "train" || slices.Contains(c.missing, runs.SummaryFile)) {
				t.Errorf("a file of a killed process stays: %v", err)
			}
			for _, file := range []string{runs.SummaryFile, "summary.md"} {
				if !bytes.Equal(got[file], want[file]) {
					t.Errorf("%s is\n%s\nwant\n%s", file, got[file], want[file])
				}
			}
			if len(got[runs.PageFile]) == 0 {
				t.Error("no page")
			}
			if _, err := os.Stat(filepath.Join("run", runs.BestName, runs.ModelFile)); err != nil {
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
		if err := os.Remove(filepath.Join("whole", runs.SummaryFile)); err != nil && c.want == "" {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join("whole", c.missing, runs.ModelFile)); err != nil {
			t.Fatal(err)
		}
		status, _, err := call("report", "whole")
		if status != c.status || !strings.Contains(err, c.want) {
			t.Errorf("without %s: status %d, %q; want %d, %q", c.missing, status, err, c.status, c.want)
		}
		if summary := runstest.Files(t, "whole")[runs.SummaryFile]; c.want == "" && bytes.Contains(summary, []byte(`"pooling": "`+c.missing)) {
			t.Errorf("without %s: %s", c.missing, summary)
		}
	}
	held := runs.Folder{Path: "whole"}
	if err := held.Lock(); err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	if status, _, err := call("report", "whole"); status != 1 || !strings.Contains(err, "report: whole: another process is training there: wait for its end") {
		t.Errorf("beside a training: status %d, %q", status, err)
	}
}
