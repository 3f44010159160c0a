package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"wgpucnn/cmd/wgpucnn/internal/terminal/terminaltest"
	"wgpucnn/engine/enginetest"
)

// onTerminal runs the program on a terminal of so many columns and returns all that it wrote there.
// variables are added to the environment. After a span it presses Ctrl-C.
func onTerminal(t *testing.T, span time.Duration, columns int, variables []string, args ...string) string {
	t.Helper()
	user, program := terminaltest.Open(t, columns)
	c := exec.Command(executable(t), args...)
	c.Env = append(slices.Concat(os.Environ(), []string{"TERM=xterm", "NO_COLOR="}, variables), asCommand+"=1")
	c.Env = append(c.Env, ownCache(t)...)
	c.Stdin, c.Stdout, c.Stderr = program, program, program
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err := c.Start()
	program.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(span, func() { io.WriteString(user, "\x03") }).Stop()
	var all bytes.Buffer
	io.Copy(&all, user) // reads until the program closes it, and then returns an error
	c.Wait()
	return strings.ReplaceAll(all.String(), "\r\n", "\n")
}

// Every command's lines fit the terminal. They hold no escape sequence if the user wants no
// colors. Ctrl-C stops the commands that take long.
func TestTerminal(t *testing.T) {
	enginetest.Open(t)
	mutantsFolder(t, judgement) // a folder to be in, for short paths
	if status, _, err := call("train", "--epochs", "1", "--hidden", "4", "--pooling", "max", "--quiet", "--out", "run"); status != 0 {
		t.Fatal(err)
	}
	const model = "run/max/model.safetensors"
	lines := []string{
		"help", "help train", "help files", "train --epochs 2 --hidden 4 --pooling max --out run", "summary " + model, "eval " + model,
		"find-lr --steps 20 --hidden 4 --pooling max", "predict " + model + " run/max/curves.png", "report run", "audit run", "import nothing.pt", "export " + model + " --onnx model.onnx", "verify",
		"bench --seconds 0.01 --quick --pooling max", "tune --budget 1s --dry-run", "data", "web nowhere", "devices", "doctor", "mutants a.wgsl -- sh judge", "completion bash",
	}
	for _, c := range commands() {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, c.name) }) {
			t.Errorf("no line for %s", c.name)
		}
	}
	for _, columns := range []int{80, 60} {
		for _, line := range lines {
			line = strings.Replace(line, "--out run", fmt.Sprint("--out run", columns), 1)
			out := onTerminal(t, 2*time.Second, columns, []string{"NO_COLOR=1"}, strings.Fields(line)...)
			if out == "" || strings.Contains(out, "\x1b") {
				t.Errorf("NO_COLOR: %s: %q", line, out)
			}
			for _, row := range strings.FieldsFunc(out, func(r rune) bool { return r == '\n' || r == '\r' }) {
				row = strings.TrimPrefix(row, "^C") // the terminal shows the Ctrl-C that the test presses
				words := len(strings.Fields(row))
				if line == "doctor" {
					words-- // each of its rows has a word for a label
				}
				fits := utf8.RuneCountInString(row) <= columns || words <= 1
				if known := strings.HasPrefix(row, "wgpucnn: ") || strings.HasPrefix(line, "completion"); !fits && !known {
					t.Errorf("%d columns: %s: %q", columns, line, row)
				}
			}
		}
	}
}

// A terminal that shows colors gets some, and no other output does.
func TestColors(t *testing.T) {
	const red = "\x1b[31mwgpucnn:\x1b[0m open nothing"
	if out := onTerminal(t, time.Minute, 80, nil, "eval", "nothing"); !strings.Contains(out, red) {
		t.Errorf("want %q in %q", red, out)
	}
	for _, variable := range []string{"TERM=dumb", "TERM=", "NO_COLOR=0"} {
		if out := onTerminal(t, time.Minute, 80, []string{variable}, "eval", "nothing"); !strings.HasPrefix(out, "wgpucnn: open nothing") {
			t.Errorf("%s: %q", variable, out)
		}
	}
	if _, _, err := call("eval", "nothing"); !strings.HasPrefix(err, "wgpucnn: open nothing") {
		t.Errorf("no terminal: %q", err)
	}
	_, program := terminaltest.Open(t, 80)
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	for failed, want := range map[int]string{0: "  a  \x1b[32mok\x1b[0m\n  why: ok", 1: "  a  \x1b[31mok\x1b[0m\n  why: ok"} {
		if got := judged(program, "  a  ok\n  why: ok", "ok", failed); got != want {
			t.Errorf("%d failed: got %q, want %q", failed, got, want)
		}
	}
	enginetest.Open(t)
	out := onTerminal(t, 5*time.Minute, 80, nil, "train", "--epochs", "1", "--hidden", "4", "--pooling", "max", "--out", filepath.Join(t.TempDir(), "run"))
	if best := "\x1b[32m* max "; !strings.Contains(out, best) {
		t.Errorf("want %q in %q", best, out)
	}
}
