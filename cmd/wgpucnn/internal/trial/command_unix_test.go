//go:build linux || darwin

package trial

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sh(script string) []string { return []string{"sh", "-c", script} }

func TestRun(t *testing.T) {
	for _, c := range []struct {
		script, output string
		passed         bool
	}{
		{"echo out; echo err >&2", "out\nerr\n", true}, {"echo no; exit 3", "no\n", false}, {"kill -9 $$", "", false},
		{"cat", "", true}, // there is no input
	} {
		o, err := Run(t.Context(), sh(c.script), 0)
		if err != nil || o.Passed != c.passed || o.TimedOut || o.Output != c.output {
			t.Errorf("%s: got %+v, %v", c.script, o, err)
		}
	}
	if _, err := Run(t.Context(), []string{"./no-such-command"}, 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	o, err := Run(t.Context(), sh("head -c 3000000 /dev/zero; echo end"), 0)
	if err != nil || !o.Passed || len(o.Output) != mostOutput {
		t.Errorf("got %d bytes, %v", len(o.Output), err)
	}
}

// endless is a script that writes the number of a child to a file, and goes on for ever with it.
// Neither ends at an interrupt.
const endless = `trap "" INT; sleep 1000 & echo $! > "$0.part"; mv "$0.part" "$0"; while :; do wait; done`

// childOf waits for the child of the endless script.
func childOf(t *testing.T, file string) int {
	t.Helper()
	for {
		text, err := os.ReadFile(file)
		if err == nil {
			number, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
		time.Sleep(time.Millisecond)
	}
}

// checkEnded waits until a process has ended.
func checkEnded(t *testing.T, process int) {
	t.Helper()
	for syscall.Kill(process, 0) == nil {
		if state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(process)).Output(); err != nil || strings.HasPrefix(string(state), "Z") {
			return // nobody has taken note of its end
		}
		time.Sleep(time.Millisecond)
	}
}

// A limit ends a command with its children.
func TestLimit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "child")
	o, err := Run(t.Context(), append(sh(endless), file), 3*time.Second)
	if err != nil || !o.TimedOut || o.Passed {
		t.Errorf("got %+v, %v", o, err)
	}
	checkEnded(t, childOf(t, file))
}

// The end of the context ends a command with its children.
func TestStop(t *testing.T) {
	file := filepath.Join(t.TempDir(), "child")
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		childOf(t, file)
		stop()
	}()
	if _, err := Run(ctx, append(sh(endless), file), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	checkEnded(t, childOf(t, file))
}
