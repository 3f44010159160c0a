package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The campaign names every fuzz target and mutant once, and only tests, commands and packages that exist.
func TestJobs(t *testing.T) {
	t.Chdir("../..")
	jobs, err := listJobs(7 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	tests := ""
	files, _ := filepath.Glob("cmd/wgpucnn/*_test.go")
	for _, file := range append(files, "cmd/wgpucnn/internal/site/interop_test.go") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests += string(text)
	}
	seen := map[string]bool{}
	for _, turn := range turns(jobs) {
		if seen[turn.piece] {
			t.Errorf("%s comes twice", turn.piece)
		}
		seen[turn.piece] = true
		if out, err := exec.Command("bash", "-n", "-c", turn.piece).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", turn.piece, out)
		}
		for _, name := range regexp.MustCompile(`Test\w+`).FindAllString(turn.piece, -1) {
			if !strings.Contains(tests, "func "+name+"(") {
				t.Errorf("%s: there is no %s", turn.piece, name)
			}
		}
		for _, path := range regexp.MustCompile(`(?:\./|\.ci/)[\w/]+`).FindAllString(turn.piece, -1) {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
	}
	for _, piece := range []string{
		"go test -run '^$' -fuzz '^FuzzParse$' -fuzztime 7s -fuzzminimizetime 50x ./nn/nets",
		"go test -run '^$' -fuzz '^FuzzParse$' -fuzztime 7s -fuzzminimizetime 50x ./nn/bench",
		"go run ./testdata/mutants 1-10",
		"go run ./testdata/nightly kills 50 20",
	} {
		if !seen[piece] {
			t.Errorf("there is no %q", piece)
		}
	}
}

// The last piece of mutants ends with the last of them.
func TestMutantPieces(t *testing.T) {
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte("Text\n"+strings.Repeat("# relu: a defect\n- a # b\n+ b\n", 12)), 0o666); err != nil {
		t.Fatal(err)
	}
	pieces, err := mutantPieces(list)
	if got, want := strings.Join(pieces, "; "), "go run ./testdata/mutants 1-10; go run ./testdata/mutants 11-12"; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestCount(t *testing.T) {
	for _, c := range []struct {
		pattern, output string
		want            int
	}{
		{`--- PASS`, "--- PASS: A\n    --- PASS: A/b\n--- FAIL: C\n", 2},
		{`execs: (\d+)`, "execs: 5 (1/sec)\nexecs: 41 (2/sec)\n", 41},
		{`(\d+) killed, (\d+) equivalent`, "\n4 killed, 1 equivalent, 0 wrong\n", 5},
		{`(\d+) kills`, "nothing", 0},
	} {
		if got := (job{counts: regexp.MustCompile(c.pattern)}).count(c.output); got != c.want {
			t.Errorf("%s: got %d, want %d", c.pattern, got, c.want)
		}
	}
}
