package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/trial"
)

// slow is a script that waits at the first mutant.
const slow = `
grep -q "no WGSL" a.wgsl && exit 1
grep -q "i < n" a.wgsl && exit 0
touch reached
sleep 1000
`

// atMutant starts a run and waits until it tries a mutant.
func atMutant(t *testing.T) *session {
	t.Helper()
	s := begin(t, "mutants", "a.wgsl", "--", "sh", "judge")
	for {
		if _, err := os.Stat("reached"); err == nil {
			return s
		}
		if s.pause(time.Millisecond) {
			t.Fatalf("it ended: %s", s.out.String())
		}
	}
}

// A signal ends the command and restores the file. What was found so far is printed.
func TestMutantsSignals(t *testing.T) {
	hearSIGHUP(t)
	for _, by := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		mutantsFolder(t, slow)
		s := atMutant(t)
		s.Process.Signal(by)
		<-s.done
		if out := s.out.String(); s.ProcessState.ExitCode() != 128+int(by) || !strings.HasSuffix(out, "\nstopped after 0 of 6 mutants\nwgpucnn: stopped\n") {
			t.Errorf("%v: %v, %s", by, s.ProcessState, out)
		}
		checkMutated(t)
	}
}

// A second run for the same file is refused. After a kill the next run restores the file.
func TestMutantsKilled(t *testing.T) {
	mutantsFolder(t, slow)
	s := atMutant(t)
	if status, _, err := call("mutants", "a.wgsl", "--", "true"); status != 1 || !strings.Contains(err, "another process tries changed texts of it: wait for its end") {
		t.Errorf("a second run: status %d, %q", status, err)
	}
	s.Process.Kill()
	<-s.done
	if text, err := os.ReadFile("a.wgsl"); err != nil || string(text) == mutated {
		t.Fatalf("the mutant is %q, %v", text, err)
	}
	status, _, err := call("mutants", "a.wgsl", "--", "false")
	if want := "restored a.wgsl from a.wgsl" + trial.KeptSuffix + ", which a killed run left\n"; status != 1 || !strings.HasPrefix(err, want) {
		t.Errorf("status %d, %q", status, err)
	}
	checkMutated(t)
}
