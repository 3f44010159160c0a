package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal/terminaltest"
	"wgpucnn/engine/enginetest"
)

// endless is a training that goes on until it is stopped, and saves nothing before.
var endless = []string{"train", "--epochs", "1000000", "--batch", "500", "--hidden", "2", "--pooling", "max", "--checkpoint-every", "0", "--log", "log", "--out", "run"}

// epochs waits until the log has so many more lines, or until the process ends.
func (s *session) epochs(more int) {
	count := func() int {
		text, _ := os.ReadFile("log")
		return bytes.Count(text, []byte("\n"))
	}
	for want := count() + more; count() < want && !s.pause(time.Millisecond); {
	}
}

// checkSaved fails unless a training that was stopped left what its epochs produced.
func checkSaved(t *testing.T, s *session, status int) {
	t.Helper()
	<-s.done
	if s.ProcessState.ExitCode() != status {
		t.Errorf("%v, want exit status %d: %s", s.ProcessState, status, s.out.String())
	}
	if epochs := len(checkpointOf(t, "run", "max").Epochs); epochs == 0 {
		t.Error("no epoch is saved")
	}
	for _, file := range []string{"max/model.safetensors", runs.SummaryFile, runs.PageFile} {
		if _, err := os.Stat(filepath.Join("run", file)); err != nil {
			t.Error(err)
		}
	}
	if log, _ := readLog(t, "log"); log[len(log)-1].Status != "stopped" {
		t.Errorf("got %+v", log[len(log)-1])
	}
}

// hearSIGHUP lets SIGHUP end the programs that a test starts. Under nohup they would ignore it.
func hearSIGHUP(t *testing.T) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(heard) })
}

// A training that a signal stops saves what it has. A closed terminal may send several signals. The
// exit status tells the signal.
func TestSignals(t *testing.T) {
	enginetest.Open(t)
	hearSIGHUP(t)
	for _, by := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(by.String(), func(t *testing.T) {
			t.Chdir(t.TempDir())
			s := begin(t, endless...)
			s.epochs(5)
			s.Process.Signal(by)
			if by == syscall.SIGHUP {
				time.Sleep(time.Millisecond)
				s.Process.Signal(by)
			}
			checkSaved(t, s, 128+int(by))
		})
	}
}

// Under nohup a training goes on.
func TestNohup(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	s := start(t, exec.Command("sh", append([]string{"-c", `trap "" HUP; exec "$@"`, "sh", executable(t)}, endless...)...))
	s.epochs(5)
	s.Process.Signal(syscall.SIGHUP)
	s.epochs(5)
	s.Process.Signal(syscall.SIGTERM)
	checkSaved(t, s, 128+int(syscall.SIGTERM))
}

// A terminal that closes sends SIGHUP and takes no more output. The training still saves what it has.
func TestTerminalCloses(t *testing.T) {
	enginetest.Open(t)
	hearSIGHUP(t)
	t.Chdir(t.TempDir())
	user, program := terminaltest.Open(t, 80)
	c := exec.Command(executable(t), endless...)
	c.Stdin, c.Stdout, c.Stderr = program, program, program
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s := start(t, c)
	program.Close()
	go func() { // as a user's terminal does
		for text := make([]byte, 1024); ; {
			if _, err := user.Read(text); err != nil {
				return
			}
		}
	}()
	s.epochs(5)
	user.Close()
	checkSaved(t, s, 128+int(syscall.SIGHUP))
}

// If its reader goes, a command ends without a message, as other programs do.
func TestPipeCloses(t *testing.T) {
	for _, both := range []bool{false, true} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		read.Close()
		c := exec.Command(executable(t), "help")
		c.Env = append(os.Environ(), asCommand+"=1")
		var stderr bytes.Buffer
		c.Stdout, c.Stderr = write, &stderr
		if both {
			c.Stderr = write
		}
		c.Run()
		write.Close()
		if c.ProcessState.ExitCode() != 141 || stderr.Len() > 0 {
			t.Errorf("%v, %q", c.ProcessState, stderr.String())
		}
	}
}
