package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
)

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
			mustCall(t, c.mend...)
			got := files(t, "run")
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
