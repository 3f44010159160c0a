package runs

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The failure of a run stands before that of its log.
func TestLogFails(t *testing.T) {
	for failure, want := range map[error]string{
		nil:                 "train: --log: no space left on device",
		errors.New("cause"): "cause; then: train: --log: no space left on device",
	} {
		file, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		if err := (&Log{file: file, err: syscall.ENOSPC}).End(failure); err.Error() != want || errors.Is(err, failure) != (failure != nil) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The log may go to a device or a pipe that is there.
func TestLogToADevice(t *testing.T) {
	t.Chdir(t.TempDir())
	log, err := OpenLog(os.DevNull, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	log.write(LogLine{Event: eventRun})
	if err := log.End(nil); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile("log.jsonl", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLog("log.jsonl", nil, false); err == nil || err.Error() != "train: --log log.jsonl: there is such a file: choose another" {
		t.Errorf("a file: got %v", err)
	}
}

// A process that goes on for another one writes behind its lines.
func TestLogGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	for range 2 {
		log, err := OpenLog(path, nil, true)
		if err != nil {
			t.Fatal(err)
		}
		log.write(LogLine{Event: eventRun})
		if err := log.End(nil); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(path); err != nil || bytes.Count(text, []byte("\n")) != 4 {
		t.Errorf("got %q, %v", text, err)
	}
}
