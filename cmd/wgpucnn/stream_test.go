package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/engine/enginetest"
)

// failing is a file whose writes or whose close fail.
type failing struct{ write, close error }

func (f failing) Write(data []byte) (int, error) {
	if f.write != nil {
		return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: f.write}
	}
	return len(data), nil
}

func (f failing) Close() error { return f.close }

// If standard output fails, every command prints one line and returns exit status 1, even if the close
// fails. If the reader has gone, it prints no line and returns 141.
func TestOutputErrors(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	full := failing{write: syscall.ENOSPC}
	const complaint = "wgpucnn: standard output: no space left on device\n"
	lines := []string{
		"train --epochs 1 --batch 500 --hidden 2 --pooling max --quiet --log log --out run", "summary run/max/model.safetensors", "summary run/max/model.safetensors --json", "eval run/max/model.safetensors --png a.png",
		"eval run/max/model.safetensors --json --png b.png", "predict run/max/model.safetensors run/max/curves.png", "report run", "data --sheet c.png",
		"data --json", "export run/max/model.safetensors --pt max.pt", "import max.pt --pooling max", "devices", "devices --json",
		"bench --seconds 0.001 --quick --pooling max --json --out d.json", "bench compare d.json d.json --png e.png", "bench compare d.json d.json --json",
		"completion bash", "help", "help train", "help files", "help --man", "train --help", "--version",
	}
	for _, line := range lines {
		var stderr bytes.Buffer
		if status := execute(context.Background(), strings.Fields(line), streams{full, &stderr}); status != 1 || !strings.HasSuffix("\n"+stderr.String(), "\n"+complaint) {
			t.Errorf("%s: status %d, %q", line, status, stderr.String())
		}
	}
	for _, file := range []string{"run/report.html", "a.png", "b.png", "c.png", "d.json", "e.png", "max.pt", "max.safetensors"} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
	if log, _ := readLog(t, "log"); log[len(log)-1].Status != "finished" {
		t.Errorf("got %+v", log[len(log)-1])
	}
	for _, c := range []struct {
		out    failing
		status int
		want   string
	}{
		{failing{close: syscall.EIO}, 1, "wgpucnn: standard output: input/output error\n"},
		{failing{write: syscall.EPIPE}, 141, ""},
		{failing{}, 0, ""},
	} {
		var stderr bytes.Buffer
		if status := execute(context.Background(), []string{"help"}, streams{c.out, &stderr}); status != c.status || stderr.String() != c.want {
			t.Errorf("%v: status %d, %q; want %d, %q", c.out, status, stderr.String(), c.status, c.want)
		}
	}
}

// The line names the error of the command, not the later error of its output.
func TestOutputErrorAfterAnother(t *testing.T) {
	var stderr bytes.Buffer
	status := execute(context.Background(), []string{"eval", "nothing"}, streams{failing{close: syscall.EIO}, &stderr})
	if want := "wgpucnn: open nothing: no such file or directory\n"; status != 1 || stderr.String() != want {
		t.Errorf("status %d, %q, want %q", status, stderr.String(), want)
	}
}

// breaking is a pipe whose reader goes after it has read a text.
type breaking struct {
	text string
	gone bool
}

func (b *breaking) Write(data []byte) (int, error) {
	if b.gone {
		return 0, syscall.EPIPE
	}
	b.gone = bytes.Contains(data, []byte(b.text))
	return len(data), nil
}

// A training saves what it has if the reader of its output or its progress goes.
func TestTrainPipeClosed(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	for name, out := range map[string]func(stderr io.Writer) streams{
		"output":   func(stderr io.Writer) streams { return streams{&breaking{text: "max"}, stderr} },
		"progress": func(io.Writer) streams { return streams{io.Discard, &breaking{text: "epoch"}} },
	} {
		var stderr bytes.Buffer
		line := "train --verbose --epochs 1000000 --batch 500 --hidden 2 --pooling max,avg --checkpoint-every 0 --log " + name + ".log --out " + name
		if name == "output" {
			line = strings.Replace(line, "1000000", "20", 1) // the output goes on after the training alone
		}
		status := execute(context.Background(), strings.Fields(line), out(&stderr))
		log, _ := readLog(t, name+".log")
		if status != 141 || log[len(log)-1].Status != "stopped" {
			t.Errorf("%s: status %d, %q, %+v", name, status, stderr.String(), log[len(log)-1])
		}
		if name == "output" && !strings.Contains(stderr.String(), "stopped after 0 of 20 epochs") {
			t.Errorf("%s: got %q", name, stderr.String())
		}
		if epochs := len(checkpointOf(t, name, "max").Epochs); epochs == 0 {
			t.Errorf("%s: no epoch is saved", name)
		}
	}
}
