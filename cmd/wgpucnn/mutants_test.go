package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/trial"
	"wgpucnn/shaders/mutate"
)

const mutated = `// A kernel that no compiler sees: a script judges its text.
fn f() {
  if i < n { workgroupBarrier(); }
  x = a + 1u;
}
`

// judgement is a script that notices some mutants of the text, for one reason or another.
const judgement = `
grep -q "no WGSL" a.wgsl && exit 1
grep -q "a - " a.wgsl && exit 1
grep -q "a + 2u" a.wgsl && exit 1
grep -q "i <= n" a.wgsl && { echo "Shader 'f' parsing error: expected ';'"; exit 1; }
grep -q Barrier a.wgsl || sleep 1000
exit 0
`

// mutantsFolder makes a folder with the file a.wgsl and a script, and goes there.
func mutantsFolder(t *testing.T, script string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"a.wgsl": mutated, "judge": script} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// checkMutated fails unless the file has its own text, and no copy lies beside it.
func checkMutated(t *testing.T) {
	t.Helper()
	if text, err := os.ReadFile("a.wgsl"); err != nil || string(text) != mutated {
		t.Errorf("the file is %q, %v", text, err)
	}
	if _, err := os.Stat("a.wgsl" + trial.KeptSuffix); err == nil {
		t.Error("a copy lies beside the file")
	}
}

func TestMutants(t *testing.T) {
	mutantsFolder(t, judgement)
	status, out, err := call("mutants", "a.wgsl", "--json", "m.json", "--", "sh", "judge")
	const want = `
operator   mutants  killed  survived  invalid  timed out
bounds           2       0         1        1          0
operators        1       1         0        0          0
constants        2       1         1        0          0
barriers         1       0         0        0          1
indices          0       0         0        0          0
all              6       2         2        1          1

a.wgsl:3 survived: bounds: the if never holds
  - if i < n { workgroupBarrier(); }
  + if false { workgroupBarrier(); }

a.wgsl:4 survived: constants: 1u becomes 0u
  - x = a + 1u;
  + x = a + 0u;
`
	if status != 1 || !strings.HasSuffix(out, want) || !strings.HasSuffix(err, "wgpucnn: mutants: 2 of 6 survived: no test notices these defects\n") {
		t.Errorf("status %d, %s%s", status, out, err)
	}
	if head := "file     a.wgsl, mutants: 6\ncommand  sh judge\ntime     "; !strings.HasPrefix(out, head) {
		t.Errorf("got %s", out)
	}
	checkMutated(t)
	text, e := os.ReadFile("m.json")
	if e != nil {
		t.Fatal(e)
	}
	var r mutantsReport
	if e := json.Unmarshal(text, &r); e != nil {
		t.Fatal(e)
	}
	last := r.Mutants[5]
	last.Seconds = 0
	if want := (mutantResult{4, "constants", "1u becomes 0u", "x = a + 1u;", "x = a + 0u;", survived, 0}); last != want || r.Chosen != 6 || r.File != "a.wgsl" {
		t.Errorf("got %+v", r)
	}
	mustCall(t, "mutants", "a.wgsl", "--operators", "operators,indices", "--", "sh", "judge")
	checkMutated(t)
}

// The command must judge what the shader computes.
func TestMutantsCommand(t *testing.T) {
	for script, want := range map[string]string{
		"exit 1":                          "mutants: the command fails with a.wgsl as it is: make it pass first\n",
		"exit 0":                          "mutants: the command passes if a.wgsl is no WGSL: does it run the shader, and does it fail without an adapter?\n",
		`test $(wc -l < a.wgsl) -eq 5`:    "mutants: the command fails if a.wgsl has a comment more: want one that judges what the shader computes\n",
		`test -e b || { touch b; false;}`: "mutants: the command fails with a.wgsl as it is: make it pass first\n",
		"echo more >> a.wgsl":             "mutants: a.wgsl was edited meanwhile, and stays like that: its text from before is ",
	} {
		mutantsFolder(t, script)
		status, _, err := call("mutants", "a.wgsl", "--", "sh", "judge")
		if status != 1 || !strings.Contains(err, want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%s: status %d, %q", script, status, err)
		}
		if !strings.Contains(script, ">>") {
			checkMutated(t)
		}
	}
	mutantsFolder(t, "")
	if status, _, err := call("mutants", "a.wgsl", "--", "./none"); status != 1 || !strings.Contains(err, "mutants: fork/exec ./none: no such file") {
		t.Errorf("no command: status %d, %q", status, err)
	}
	checkMutated(t)
}

func TestMutantsErrors(t *testing.T) {
	mutantsFolder(t, "")
	if err := os.WriteFile("b.wgsl", []byte("// nothing\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line   string
		status int
		want   string
	}{
		{"", 2, "mutants: no command: want FILE -- COMMAND, such as"},
		{"a.wgsl", 2, "mutants: no command"},
		{"a.wgsl --", 2, "mutants: no command"},
		{"-- sh judge", 2, "mutants: 0 files: want one WGSL file before --"},
		{"a.wgsl b.wgsl -- sh judge", 2, "mutants: 2 files"},
		{"a.wgsl --limit 0 -- sh judge", 2, "mutants: --limit 0: want 1 or more"},
		{"a.wgsl --limit -3 -- sh judge", 2, "mutants: --limit -3: want 1 or more"},
		{"a.wgsl --operators bound -- sh judge", 2, "mutants: --operators bound: want some of bounds, operators,"},
		{"a.wgsl --json none/m.json -- sh judge", 1, "mutants: --json none/m.json: there is no folder none"},
		{"none.wgsl -- sh judge", 1, "mutants: lstat none.wgsl: no such file"},
		{"a.wgsl --operators indices -- sh judge", 1, "mutants: a.wgsl has no code that indices change"},
		{"b.wgsl -- sh judge", 1, "mutants: b.wgsl has no code that bounds, operators,"},
	} {
		status, out, err := call(append([]string{"mutants"}, strings.Fields(c.line)...)...)
		if status != c.status || out != "" || !strings.HasPrefix(err, "wgpucnn: "+c.want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%s: status %d, %q, %q", c.line, status, out, err)
		}
	}
	checkMutated(t)
}

// A sample keeps the order, and depends on the seed alone.
func TestMutantsSample(t *testing.T) {
	text := strings.Repeat("fn f() { x = a + b; }\n", 100)
	lines := func(limit int, seed uint64) []int {
		s := mutantsSettings{operators: mutate.Operators, limit: limit, seed: seed}
		var lines []int
		for _, m := range s.choose(mutate.Of(text)) {
			lines = append(lines, m.Line)
		}
		return lines
	}
	a, b, c := lines(10, 1), lines(10, 1), lines(10, 2)
	if len(a) != 10 || !slices.IsSorted(a) || !slices.Equal(a, b) || slices.Equal(a, c) || len(lines(500, 1)) != 100 || len(lines(0, 1)) != 100 {
		t.Errorf("got %v, %v, %v", a, b, c)
	}
}

// What a killed run leaves is known by its text.
func TestIsTrial(t *testing.T) {
	texts := map[string]bool{
		mutated: false, mutated + "\n": false, mutated + addedFault: true, mutated + fmt.Sprintf(addedComment, 12): true,
		mutated + fmt.Sprintf(addedComment, 12) + "more": false, strings.Replace(mutated, "1u", "3u", 1): false, "": false,
	}
	for _, m := range mutate.Of(mutated) {
		texts[m.Apply(mutated)] = true
	}
	for text, want := range texts {
		if got := isTrial(mutated, text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// The messages of compilers make a mutant invalid, those of tests do not.
func TestNotCompiled(t *testing.T) {
	for text, want := range map[string]bool{
		"engine: relu.forward does not compile for llvmpipe: …": true,
		"Shader 'relu' parsing error: expected ';', found '}'":  true,
		"Shader validation error: ┌─ relu:9:3":                  true,
		"Error while parsing WGSL: :3:5 error: expected ';'":    true,
		"--- FAIL: TestShader: y[3] is 1, want 2":               false,
		"image validation error":                                false,
	} {
		if got := notCompiled.MatchString(text); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestMutantsChoices(t *testing.T) {
	if !slices.Equal(choose.Choices["operators"], mutate.Operators) {
		t.Errorf("got %v", choose.Choices["operators"])
	}
}
