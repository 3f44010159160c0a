package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine/enginetest"
)

// readLog reads a log and returns its lines and the names of the events. Each line must be a JSON
// object.
func readLog(t *testing.T, path string) (lines []runs.LogLine, events []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for data := range bytes.Lines(text) {
		var line runs.LogLine
		if err := json.Unmarshal(data, &line); err != nil || line.Time.IsZero() {
			t.Fatalf("%v: %s", err, data)
		}
		lines, events = append(lines, line), append(events, line.Event)
	}
	return lines, events
}

func TestLog(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	line := "train --epochs 2 --batch 500 --hidden 2 --pooling max,avg --validation 0.1 --log log.jsonl -v --out "
	status, _, stderr := call(strings.Fields(line + "run")...)
	if status != 0 {
		t.Fatalf("status %d, %q", status, stderr)
	}
	lines, events := readLog(t, "log.jsonl")
	if want := []string{"run", "epoch", "epoch", "result", "epoch", "epoch", "result", "end"}; !slices.Equal(events, want) {
		t.Fatalf("got %v, want %v", events, want)
	}
	if first := lines[0]; first.Folder != "run" || first.Config.Recipe.Batch != 500 || slices.ContainsFunc(first.Config.Command, func(word string) bool {
		return strings.HasPrefix(word, "--log") || strings.HasPrefix(word, "--verbose")
	}) {
		t.Errorf("got %+v", first)
	}
	if l := lines[5]; l.Variant != "avg" || l.Epoch != 2 || !(l.Train.Loss > 0) || !(l.Validation.Accuracy > 0) || l.Test != nil || l.LR != 0 {
		t.Errorf("got %+v", l)
	}
	if l := lines[3]; l.Variant != "max" || l.Result.Epochs != 2 || !(l.Result.Test.Loss > 0) {
		t.Errorf("got %+v", l)
	}
	if last := lines[7]; last.Status != "finished" || last.Error != "" {
		t.Errorf("got %+v", last)
	}

	// What the GPU did: the kernels of a step, and every step of both trainings.
	steps := 0
	for _, found := range regexp.MustCompile(`submission of (\d+) steps`).FindAllStringSubmatch(stderr, -1) {
		n, _ := strconv.Atoi(found[1])
		steps += n
	}
	if want := 2 * 2 * (3 + 1); steps != want || strings.Count(stderr, "sgd.update ") != 2 {
		t.Errorf("%d steps, want %d:\n%s", steps, want, stderr)
	}

	if status, _, stderr := call(strings.Fields(line + "another")...); status != 1 || !strings.Contains(stderr, "--log log.jsonl: there is such a file") {
		t.Errorf("over a log: status %d, %q", status, stderr)
	}
}

// A run that does not finish says so in the log.
func TestLogEnd(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	const quick = "train --batch 500 --hidden 1 --pooling avg "
	execute(ctx, strings.Fields(quick+"--epochs 1000000 --log stopped --out run"), streams{io.Discard, cancelAt{"steps/s", cancel}})
	call(strings.Fields(quick + "--data nowhere --log failed")...)
	call(strings.Fields(quick + "--lr 1e30 --log diverged --out diverging")...)
	for log, want := range map[string]struct{ status, text string }{
		"stopped": {"stopped", "avg: stopped after"}, "failed": {"failed", "nowhere: want a folder"}, "diverged": {"failed", "training diverged"},
	} {
		lines, _ := readLog(t, log)
		if last := lines[len(lines)-1]; last.Event != "end" || last.Status != want.status || !strings.Contains(last.Error, want.text) {
			t.Errorf("%s: got %+v", log, last)
		}
		if log == "diverged" && !slices.ContainsFunc(lines, func(l runs.LogLine) bool { return l.Event == "epoch" && math.IsNaN(l.Train.Loss) }) {
			t.Errorf("%s: no epoch with a loss of null", log)
		}
	}
}

// --log - leaves standard output to the lines of the log, and shows the rest on standard error.
func TestLogToStdout(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	line := strings.Fields("train --log - --epochs 1 --batch 500 --hidden 2 --pooling max --out run")
	read := func(args ...string) (events []string, stderr string) {
		t.Helper()
		status, out, stderr := call(args...)
		if err := os.WriteFile("log", []byte(out), 0o666); err != nil || status != 0 {
			t.Fatalf("status %d, %q, %v", status, stderr, err)
		}
		_, events = readLog(t, "log")
		return events, stderr
	}
	events, stderr := read(line...)
	if want := []string{"run", "epoch", "result", "end"}; !slices.Equal(events, want) || !strings.Contains(stderr, "epoch 1/1") || !strings.Contains(stderr, "best: max") {
		t.Errorf("got %v and %q, want %v", events, stderr, want)
	}
	if strings.Contains(stderr, "recipe") {
		t.Errorf("it chats: %q", stderr)
	}
	events, stderr = read("train", "--resume", "run", "--log", "-")
	if len(events) != 0 || !strings.Contains(stderr, "run is complete") {
		t.Errorf("a complete run: got %v and %q", events, stderr)
	}
	_, stderr = read("train", "--resume", "run", "--log", "-", "--quiet", "--epochs", "2")
	if strings.Contains(stderr, "epoch") || !strings.Contains(stderr, "best: max") {
		t.Errorf("--quiet: got %q", stderr)
	}
	if _, err := os.Stat("-"); err == nil {
		t.Error("there is a file -")
	}
}

// If standard output is full, the run goes on. If its reader goes, the run stops.
func TestLogToBrokenStdout(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		out    io.Writer
		epochs string
		status int
		want   string
	}{
		{failing{write: syscall.ENOSPC}, "1", 1, "wgpucnn: standard output: no space left on device"},
		{&breaking{text: `"epoch":`}, "1000000", 141, "max: stopped after "},
	} {
		var stderr bytes.Buffer
		status := execute(context.Background(), strings.Fields("train --log - --batch 500 --hidden 2 --pooling max --out run"+c.epochs+" --epochs "+c.epochs), streams{c.out, &stderr})
		if status != c.status || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("status %d, %q; want %d, %q", status, stderr.String(), c.status, c.want)
		}
		if _, err := os.Stat("run" + c.epochs + "/report.html"); err != nil {
			t.Error(err)
		}
	}
}
