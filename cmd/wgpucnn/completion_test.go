package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completionScript writes the script for a shell to a file and returns the path. It skips the test if
// the shell is not installed.
func completionScript(t *testing.T, shell string) string {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skipf("no %s here", shell)
	}
	status, out, stderr := call("completion", shell)
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, %q", status, stderr)
	}
	path := filepath.Join(t.TempDir(), "wgpucnn."+shell)
	if err := os.WriteFile(path, []byte(out), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// ask runs a script in a shell and returns the lines it prints.
func ask(t *testing.T, shell string, args ...string) []string {
	t.Helper()
	out, err := exec.Command(shell, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", shell, err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// completions are lines, and words to which a shell must complete the last word of the line. It must
// not offer words after a "!".
var completions = []struct {
	line string
	want []string
}{
	{"wgpucnn t", []string{"train", "tune", "!eval"}},
	{"wgpucnn train --po", []string{"--pooling", "--pool-size", "!--batch"}},
	{"wgpucnn train --pooling ", []string{"base", "stride", "max", "avg"}},
	{"wgpucnn train --pooling base,", []string{"base,stride", "base,max", "base,avg", "!base,base", "!stride"}},
	{"wgpucnn bench --pooling avg,base,m", []string{"avg,base,max", "!avg,base,stride"}},
	{"wgpucnn train --epochs 3 --tiling d", []string{"default", "!cached"}},
	{"wgpucnn train --net base --net a", []string{"avg"}},
	{"wgpucnn eval --backend v", []string{"vulkan"}},
	{"wgpucnn data --data b", []string{"builtin"}},
	{"wgpucnn eval --", []string{"--png", "--help", "!--epochs"}},
	{"wgpucnn bench c", []string{"compare"}},
	{"wgpucnn bench --", []string{"--quick", "!--png"}},
	{"wgpucnn bench compare --", []string{"--png", "--html", "!--quick"}},
	{"wgpucnn mutants --operators bounds,ba", []string{"bounds,barriers", "!bounds,bounds"}},
	{"wgpucnn completion ", []string{"bash", "zsh", "fish"}},
	{"wgpucnn help tu", []string{"tune"}},
	{"wgpucnn help re", []string{"reproducibility"}},
}

func checkCompletions(t *testing.T, line string, got, want []string) {
	t.Helper()
	for _, word := range want {
		word, not := strings.CutPrefix(word, "!")
		if slices.Contains(got, word) == not {
			t.Errorf("%q: got %q, want %q", line, got, want)
			return
		}
	}
}

func TestBashCompletion(t *testing.T) {
	script := completionScript(t, "bash")
	if got := ask(t, "bash", "-c", "source "+script+"; complete -p wgpucnn"); got[0] != "complete -o default -F _wgpucnn wgpucnn" {
		t.Errorf("got %q", got)
	}
	reply := func(words ...string) []string {
		complete := "source " + script + `; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _wgpucnn; printf '%s\n' "${COMPREPLY[@]}"`
		return ask(t, "bash", append([]string{"-c", complete, "bash"}, words...)...)
	}
	for _, c := range completions {
		checkCompletions(t, c.line, reply(strings.Split(c.line, " ")...), c.want)
	}
	// bash splits words at "=".
	checkCompletions(t, "--pooling=", reply("wgpucnn", "train", "--pooling", "="), []string{"base", "avg"})
	checkCompletions(t, "--pooling=b", reply("wgpucnn", "train", "--pooling", "=", "b"), []string{"base", "!avg"})
	checkCompletions(t, "--pooling=b,", reply("wgpucnn", "train", "--pooling", "=", "base,"), []string{"base,max", "!max"})
	if got := reply("wgpucnn", "eval", ""); !slices.Equal(got, []string{""}) {
		t.Errorf("for a file: got %q, want nothing, for bash to complete files", got)
	}
}

func TestFishCompletion(t *testing.T) {
	script := completionScript(t, "fish")
	for _, c := range completions {
		var got []string
		for _, line := range ask(t, "fish", "--no-config", "-c", "source "+script+"; complete -C '"+c.line+"'") {
			word, _, _ := strings.Cut(line, "\t")
			got = append(got, word)
		}
		checkCompletions(t, c.line, got, c.want)
	}
}

func TestZshCompletion(t *testing.T) {
	script := completionScript(t, "zsh")
	ask(t, "zsh", "-fn", script)
	_, text, _ := call("completion", "zsh")
	for _, want := range []string{":variants:_values -s , variants base stride max avg'", ":variant:(base stride max avg)'", ":which:(cached default)'"} {
		if !strings.Contains(text, want) {
			t.Errorf("the script lacks %s", want)
		}
	}
	got := ask(t, "zsh", "-fc", "autoload -U compinit; compinit -D -u; source "+script+"; print $_comps[wgpucnn]")
	if got[0] != "_wgpucnn" {
		t.Errorf("got %q", got)
	}
}
