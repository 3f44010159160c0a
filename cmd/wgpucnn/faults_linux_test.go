package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine/enginetest"
)

// fault is a call of a Vulkan function that fails.
type fault struct {
	call   string
	at     int // from 1
	result int // the VkResult
}

// The results of the faults.
const (
	deviceLost = -4
	fullMemory = -2
)

// faultyDriver is a Vulkan driver that can fail.
type faultyDriver struct {
	t    *testing.T
	line []string // of a tiny training, without --out
}

// newFaultyDriver lets the programs that the test starts have that driver alone.
func newFaultyDriver(t *testing.T) faultyDriver {
	t.Helper()
	enginetest.Open(t)
	enginetest.FaultyDriver(t)
	data := filepath.Join(t.TempDir(), "pictures")
	drawPictures(t, data)
	return faultyDriver{t, strings.Fields("train --backend vulkan --epochs 6 --batch 4 --hidden 2 --pooling max --checkpoint-every 1 --quiet --data " + data)}
}

// drawPictures writes a data set of two classes with four pictures to train on and two to test.
func drawPictures(t *testing.T, folder string) {
	t.Helper()
	for k, class := range []string{"dark", "light"} {
		for i := range 6 {
			part := "train"
			if i > 3 {
				part = "test"
			}
			picture := image.NewGray(image.Rect(0, 0, 32, 32))
			for p := range picture.Pix {
				picture.Pix[p] = color.Gray{Y: uint8(100*k + 9*i + p%32)}.Y
			}
			var file bytes.Buffer
			if err := png.Encode(&file, picture); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, part, class, fmt.Sprint(i, ".png"))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// run runs the program. It fails the test if a dump reaches the user, or if a line of standard error is none
// of the program.
func (d faultyDriver) run(t *testing.T, args ...string) (status int, complaints []string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.Command(executable(t), args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	s := start(t, c)
	<-s.done
	for line := range strings.Lines(stderr.String()) {
		if !strings.HasPrefix(line, "wgpucnn: ") {
			t.Errorf("standard error has %q", line)
		}
		complaints = append(complaints, line)
	}
	if strings.Contains(stdout.String(), "goroutine") {
		t.Errorf("a dump: %s", &stdout)
	}
	return s.ProcessState.ExitCode(), complaints
}

// train runs the tiny training.
func (d faultyDriver) train(t *testing.T, folder string) (status int, complaints []string) {
	t.Helper()
	return d.run(t, append(slices.Clone(d.line), "--out", folder)...)
}

// finish ends a training that failed, as the user does.
func (d faultyDriver) finish(t *testing.T, folder string) {
	t.Helper()
	args := []string{"train", "--quiet", "--resume", folder}
	if _, err := os.Stat(filepath.Join(folder, runs.ConfigFile)); err != nil {
		args = append(slices.Clone(d.line), "--out", folder)
	}
	if status, complaints := d.run(t, args...); status != 0 {
		t.Errorf("resumed: status %d, %q", status, complaints)
	}
}

// faults returns a loss at the first, the middle and the last call of each function that a training calls,
// and at each submission. A full memory is told by those that allocate.
func (d faultyDriver) faults(counts string) []fault {
	d.t.Helper()
	text, err := os.ReadFile(counts)
	if err != nil {
		d.t.Fatal(err)
	}
	var all []fault
	for line := range strings.Lines(string(text)) {
		var call string
		var count int
		if _, err := fmt.Sscan(line, &call, &count); err != nil {
			d.t.Fatal(err)
		}
		places := slices.Compact([]int{1, (count + 1) / 2, count})
		for _, at := range places {
			if strings.Contains(call, "Allocate") || strings.Contains(call, "Create") && call != "vkCreateInstance" || call == "vkQueueSubmit" || call == "vkBindBufferMemory" {
				all = append(all, fault{call, at, fullMemory})
			}
			if call != "vkQueueSubmit" {
				all = append(all, fault{call, at, deviceLost})
			}
		}
		for at := 1; call == "vkQueueSubmit" && at <= count; at++ {
			all = append(all, fault{call, at, deviceLost})
		}
	}
	return all
}

// nightly tells whether tests take their time: "make nightly" sets the variable.
func nightly() bool { return os.Getenv("WGPUCNN_NIGHTLY") == "1" }

// Whatever call of the driver fails, the user reads one line. The training goes on by itself or by --resume,
// and ends with the weights of one that nothing disturbed.
func TestDriverFaults(t *testing.T) {
	d := newFaultyDriver(t)
	folder := t.TempDir()
	sound, counts := filepath.Join(folder, "sound"), filepath.Join(folder, "counts")
	t.Setenv("FAULT_COUNTS", counts)
	if status, complaints := d.train(t, sound); status != 0 || complaints != nil {
		t.Fatalf("without a fault: status %d, %q", status, complaints)
	}
	os.Unsetenv("FAULT_COUNTS")
	faults := d.faults(counts)
	if len(faults) < 60 {
		t.Errorf("%d faults, want 60 or more", len(faults))
	}
	t.Setenv("FAULT_MARK", filepath.Join(folder, "mark"))
	for i, f := range faults {
		if !nightly() && i%8 != 0 {
			continue
		}
		t.Run(fmt.Sprintf("%s %d %d", f.call, f.at, f.result), func(t *testing.T) {
			os.Remove(os.Getenv("FAULT_MARK"))
			t.Setenv("FAULT_CALL", f.call)
			t.Setenv("FAULT_AT", fmt.Sprint(f.at))
			t.Setenv("FAULT_RESULT", fmt.Sprint(f.result))
			run := filepath.Join(folder, "run")
			defer os.RemoveAll(run)
			status, complaints := d.train(t, run)
			_, err := os.Stat(os.Getenv("FAULT_MARK"))
			t.Logf("reached %v, status %d, %q", err == nil, status, complaints)
			switch {
			case status != 0 && status != 1, len(complaints) > 1, status == 1 && len(complaints) == 0:
				t.Errorf("status %d, %q; want 0 or 1 and one line", status, complaints)
			case err == nil && f.call == "vkQueueSubmit" && len(complaints) != 1:
				t.Error("a submission failed without a word")
			case f.result == fullMemory && status == 1 && !strings.Contains(complaints[0], "close other programs"):
				t.Errorf("the line says not what to do: %q", complaints)
			}
			if status == 1 {
				d.finish(t, run)
			}
			sameModel(t, run, sound)
		})
	}
}

// sameModel fails unless two runs of max left the same model.
func sameModel(t *testing.T, got, want string) {
	t.Helper()
	a, err := os.ReadFile(filepath.Join(got, "max", runs.ModelFile))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(want, "max", runs.ModelFile)); err != nil || !bytes.Equal(a, b) {
		t.Errorf("other weights than without a fault, %v", err)
	}
}

// A run that goes on by itself keeps the flags about what it shows: the log goes on in the same file.
func TestDriverFaultLog(t *testing.T) {
	d := newFaultyDriver(t)
	folder := t.TempDir()
	t.Setenv("FAULT_MARK", filepath.Join(folder, "mark"))
	t.Setenv("FAULT_CALL", "vkQueueSubmit")
	t.Setenv("FAULT_AT", "9")
	t.Setenv("FAULT_RESULT", fmt.Sprint(deviceLost))
	log := filepath.Join(folder, "log")
	status, complaints := d.run(t, append(slices.Clone(d.line), "--out", filepath.Join(folder, "run"), "--log", log)...)
	if status != 0 || len(complaints) != 1 {
		t.Fatalf("status %d, %q", status, complaints)
	}
	lines, events := readLog(t, log)
	if text := strings.Join(events, " "); strings.Count(text, "run") != 2 || strings.Count(text, "result end") != 1 || lines[len(lines)-1].Status != "finished" {
		t.Errorf("got %s", text)
	}
}

// A driver that fails in every process gets four chances. With a new driver the run goes on.
func TestDriverFailsForGood(t *testing.T) {
	d := newFaultyDriver(t)
	folder := t.TempDir()
	t.Setenv("FAULT_CALL", "vkQueueSubmit")
	t.Setenv("FAULT_AT", "5")
	t.Setenv("FAULT_RESULT", fmt.Sprint(deviceLost))
	run, sound := filepath.Join(folder, "run"), filepath.Join(folder, "sound")
	status, complaints := d.train(t, run)
	if last := len(complaints) - 1; status != 1 || last < 3 ||
		!strings.Contains(complaints[0], " was lost ") || !strings.HasSuffix(complaints[0], ", with submissions half as long\n") ||
		!strings.Contains(complaints[last], ", 4 times without a new checkpoint: choose a smaller batch or another adapter, or update the driver") ||
		!strings.HasSuffix(complaints[last], `; "wgpucnn train --resume `+run+"\" goes on\n") {
		t.Errorf("status %d, %q", status, complaints)
	}
	os.Unsetenv("FAULT_CALL")
	d.finish(t, run)
	if status, complaints := d.train(t, sound); status != 0 {
		t.Fatalf("status %d, %q", status, complaints)
	}
	sameModel(t, run, sound)
}

// A driver that hangs does not keep the program from hearing a signal.
func TestDriverHangs(t *testing.T) {
	if !nightly() {
		return
	}
	d := newFaultyDriver(t)
	t.Setenv("FAULT_CALL", "vkQueueSubmit")
	t.Setenv("FAULT_AT", "5")
	t.Setenv("FAULT_HANGS", "1")
	s := begin(t, append(slices.Clone(d.line), "--out", filepath.Join(t.TempDir(), "run"))...)
	if s.pause(10 * time.Second) {
		t.Fatalf("%v: %s", s.ProcessState, s.out.String())
	}
	s.Process.Signal(syscall.SIGTERM)
	<-s.done
	if out := s.out.String(); s.ProcessState.ExitCode() != 143 || !strings.Contains(out, "wgpucnn: stopping: ") || !strings.Contains(out, "(no answer for 20s)") || strings.Count(out, "\n") != 2 {
		t.Errorf("%v: %s", s.ProcessState, out)
	}
}
