package wine

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine/enginetest"
)

// patience is the time that a test waits for a file.
const patience = 10 * time.Minute

// tiny is a training of some seconds.
const tiny = "train --batch 500 --hidden 2 --tiling default --checkpoint-every 1 --quiet --epochs "

// The files of a variant that have no times in them.
var sameFiles = []string{"max/model.safetensors", "max/model.onnx", "max/metrics.csv", "max/evaluation.json", "max/report.txt", "max/curves.png"}

// All parts share one Windows, because it takes time to make. Later parts read what the first training left.
func TestWindows(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		line   string
		status int
		has    string // in the first line of either output that has it
	}{
		{"--version", 0, "wgpucnn "},
		{"devices", 0, "llvmpipe"},
		{"doctor", 0, "step "},
		{"summary --net avg", 0, "AdaptiveAvgPool2d"},
		{"data --sheet sheet.png", 0, "palm_tree"},
		{"train --epochs 0", 2, "--epochs"},
		{"predict nothing.safetensors picture.png", 1, "nothing.safetensors"},
		{"train --pooling max,avg --epochs 2 --batch 500 --hidden 2 --tiling default --out first", 0, "best: "},
		{"summary first/max", 0, "max"},
		{"eval first/max", 0, "accuracy"},
		{"export first/max --onnx max.onnx --pt max.pt", 0, ""},
		{"audit first", 0, ""},
		{"report first", 0, "report.html"},
		{"bench --quick --seconds 0.05 --pooling max --out bench.json", 0, "submit nothing"},
	} {
		t.Run(c.line, func(t *testing.T) {
			status, out, errs := r.run(t, c.line)
			if status != c.status || !strings.Contains(out+errs, c.has) || strings.Contains(errs, "panic") {
				t.Errorf("status %d, want %d and %q:\n%s%s", status, c.status, c.has, out, errs)
			}
		})
	}
	t.Run("as on Linux", func(t *testing.T) { sameAsLinux(t, r) })
	t.Run("predict", func(t *testing.T) { predict(t, r) })
	t.Run("stopped, killed, resumed", func(t *testing.T) { resume(t, r) })
	t.Run("window", func(t *testing.T) { window(t, r) })
	t.Run("verify", func(t *testing.T) {
		line := "verify --op relu,sgd,pool2d"
		if os.Getenv("WGPUCNN_NIGHTLY") == "1" {
			line = "verify"
		}
		status, out, errs := r.run(t, line)
		if status != 0 || !strings.Contains(out, ": all right") {
			t.Errorf("status %d:\n%s%s", status, out, errs)
		}
		t.Log(out)
	})
}

// The same training on the same driver leaves the same bytes on both systems.
func sameAsLinux(t *testing.T, r rig) {
	if status, _, errs := r.native(t, "train --pooling max,avg --epochs 2 --batch 500 --hidden 2 --tiling default --quiet --out linux"); status != 0 {
		t.Fatal(errs)
	}
	r.same(t, "first", "linux", append(sameFiles, "avg/model.safetensors")...)
}

// A picture whose name has letters beyond ASCII gets the answer that it gets on Linux.
func predict(t *testing.T, r rig) {
	picture := image.NewRGBA(image.Rect(0, 0, 48, 40))
	for i := range picture.Pix {
		picture.Pix[i] = byte(i * 7)
	}
	picture.Set(1, 1, color.White)
	f, err := os.Create(filepath.Join(r.folder, "äpfel–№1.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
	f.Close()
	const line = "predict first/max äpfel–№1.png --json"
	status, out, errs := r.run(t, line)
	_, want, _ := r.native(t, line)
	if status != 0 || out != want || want == "" {
		t.Errorf("status %d, %s: got %s, want %s", status, errs, out, want)
	}
}

// A training that is stopped by Ctrl-C, then killed, and resumed twice leaves what an undisturbed one leaves.
// Meanwhile no other process may resume it. The child that trains ends with its parent.
func resume(t *testing.T, r rig) {
	begin := func(line string) *exec.Cmd {
		c := r.command("wine", append([]string{r.windows}, strings.Fields(line)...)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	checkpoint := func(older os.FileInfo) os.FileInfo {
		for start := time.Now(); time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
			info, err := os.Stat(filepath.Join(r.folder, "run/max/checkpoint.safetensors"))
			if err == nil && (older == nil || info.ModTime().After(older.ModTime())) {
				return info
			}
		}
		t.Fatal("no checkpoint")
		return nil
	}
	c := begin(tiny + "400 --pooling max --out run")
	first := checkpoint(nil)
	if status, _, errs := r.run(t, "train --resume run --quiet"); status != 1 || !strings.Contains(errs, "another process is training there") {
		t.Errorf("beside the first: status %d: %s", status, errs)
	}
	c.Process.Signal(os.Interrupt)
	if c.Wait(); c.ProcessState.ExitCode() != 130 {
		t.Errorf("after Ctrl-C: %v", c.ProcessState)
	}
	c = begin("train --resume run --quiet")
	checkpoint(first)
	c.Process.Kill()
	c.Wait()
	for start := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		status, _, errs := r.run(t, "train --resume run --quiet")
		if status == 0 {
			break
		}
		if !strings.Contains(errs, "another process is training there") || time.Since(start) > time.Minute {
			t.Fatalf("after the kill: status %d: %s", status, errs)
		}
	}
	if status, _, errs := r.native(t, tiny+"400 --pooling max --out whole"); status != 0 {
		t.Fatal(errs)
	}
	r.same(t, "run", "whole", sameFiles...)
}

// The window opens, hears the keyboard, and saves its picture.
func window(t *testing.T, r rig) {
	enginetest.Tool(t, "xdotool")
	c := r.command("wine", append([]string{r.windows}, strings.Fields(tiny+"400 --pooling max --window --out seen")...)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Signal(os.Interrupt)
	for start := time.Now(); time.Since(start) < patience; time.Sleep(time.Second) {
		if found, _ := filepath.Glob(filepath.Join(r.folder, "seen/window-max-*.png")); len(found) > 0 {
			return
		}
		exec.Command("xdotool", "key", "s").Run()
	}
	t.Error("no picture of the window")
}
