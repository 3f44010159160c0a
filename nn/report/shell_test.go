package report

import (
	"os/exec"
	"strings"
	"testing"
)

// A shell splits the line into the same words.
func TestShell(t *testing.T) {
	words := []string{"wgpucnn", "--out=a/b", "", "a b", "it's", `"$HOME" \n`, "~/run", "new\nline", "tab\tit's \\", "käfer 🐞", "\u202eturned", "not\xffUTF-8", "*"}
	line := Shell(words...)
	if strings.ContainsAny(line, "\n\t\u202e") || !strings.HasPrefix(line, `wgpucnn --out=a/b '' 'a b' 'it'\''s' `) {
		t.Errorf("got %q", line)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		return // Windows has no bash
	}
	cmd := exec.Command(bash, "-c", `printf '%s\0' `+line)
	cmd.Env = append(cmd.Environ(), "LC_ALL=C.UTF-8")
	got, err := cmd.Output()
	if want := strings.Join(words, "\x00") + "\x00"; err != nil || string(got) != want {
		t.Errorf("%v: bash has %q, want %q", err, got, want)
	}
}
