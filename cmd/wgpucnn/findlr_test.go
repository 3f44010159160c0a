package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
)

// find-lr prints a suggestion for each network, and leaves a picture alone. The flags of the optimiser
// reach the test.
func TestFindLR(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	line := "find-lr --pooling max,avg --hidden 2 --batch 500 --from 1e-5 --steps 40 "
	out := mustCall(t, strings.Fields(line)...)
	for _, name := range []string{"max", "avg"} {
		if !regexp.MustCompile(`(?m)^` + name + ` +[0-9][0-9.e-]* `).MatchString(out) {
			t.Errorf("no suggestion for %s in\n%s", name, out)
		}
	}
	if files, err := filepath.Glob("*"); err != nil || len(files) != 1 || files[0] != "find-lr.png" {
		t.Errorf("it left %v, %v", files, err)
	}
	other := mustCall(t, strings.Fields(line+"--optimizer adamw --png other.png")...)
	if _, err := os.Stat("other.png"); err != nil {
		t.Error(err)
	}
	if table := func(text string) string { return text[strings.Index(text, "network"):strings.Index(text, ".png")] }; strings.Contains(other, strings.Split(table(out), "\n")[1]) {
		t.Errorf("AdamW gives the table of SGD:\n%s", other)
	}
	status, _, err := call(strings.Fields("find-lr --pooling max --batch 2000")...)
	if status != 1 || !strings.HasSuffix(err, "wgpucnn: find-lr: --batch 2000: there are 1500 training rows: choose a smaller batch\n") {
		t.Errorf("status %d, %q", status, err)
	}
}
