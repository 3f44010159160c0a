package meter

import (
	"io"
	"regexp"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/terminal/terminaltest"
)

// A wait shows from the first second on. Its line goes when the wait ends.
func TestWaitOnATerminal(t *testing.T) {
	user, program := terminaltest.Open(t, 40)
	t.Setenv("TERM", "xterm")
	end := Wait(program, CompileShaders)
	shown := make([]byte, len("\r  compile shaders   1s"))
	if _, err := io.ReadFull(user, shown); err != nil {
		t.Fatal(err)
	}
	end()
	end = Wait(program, "next")
	end()
	program.Close()
	taken, _ := io.ReadAll(user) // reads until the program closes it, and then returns an error
	if want := regexp.MustCompile("^(\r  compile shaders   [1-9]s)+\r {22}\r$"); !want.Match(append(shown, taken...)) {
		t.Errorf("got %q and %q, want %v", shown, taken, want)
	}
}
