//go:build linux && !headless && !wgpu27

package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine/enginetest"
)

// patience is the time that a test waits for a program that compiles its shaders beside other tests.
const patience = 5 * time.Minute

// press types a key on the display until there is a file whose name matches, and returns the file. It
// types one key a second, because a picture takes a while to save and waiting keys would delay the
// next.
func press(t *testing.T, key, pattern string) string {
	t.Helper()
	typed := time.Time{}
	for start := time.Now(); time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
		if time.Since(typed) < time.Second {
			continue
		}
		typed = time.Now()
		if out, err := exec.Command("xdotool", "key", key).CombinedOutput(); err != nil {
			t.Fatalf("xdotool: %v: %s", err, out)
		}
	}
	t.Fatalf("no %s after %v", pattern, patience)
	return ""
}

// The window shows curves during the training. Keys save the picture and pause. The window does not
// change the result.
func TestWindow(t *testing.T) {
	enginetest.Open(t)
	enginetest.Tool(t, "xdotool")
	enginetest.Display(t)
	folder := t.TempDir()
	log := filepath.Join(folder, "log")
	line := "train --epochs 90 --lr 0.05 --hidden 4 --pooling avg --batch 500 --quiet --out " + folder
	type result struct {
		status int
		err    string
	}
	done := make(chan result, 1)
	go func() {
		status, _, err := call(strings.Fields(line + "/seen --window --redraw-every 1 --log " + log)...)
		done <- result{status, err}
	}()
	seen := filepath.Join(folder, "seen")
	saved := press(t, "s", seen+"/window-avg-[1-5][0-9].png") // ten epochs or more
	space := func() {
		if out, err := exec.Command("xdotool", "key", "space").CombinedOutput(); err != nil {
			t.Fatalf("xdotool: %v: %s", err, out)
		}
	}
	space()
	checkCurves(t, saved)
	if lines := atRest(t, log); bytes.Contains(lines, []byte(`"event":"end"`)) {
		t.Fatalf("it ended in a pause: %s", lines)
	}
	space()
	if r := <-done; r.status != 0 || r.err != "" {
		t.Fatalf("status %d: %s", r.status, r.err)
	}
	if status, _, err := call(strings.Fields(line + "/unseen")...); status != 0 {
		t.Fatalf("status %d: %s", status, err)
	}
	for _, name := range []string{"avg/model.safetensors", "avg/metrics.csv", runs.ConfigFile} {
		one, err := os.ReadFile(filepath.Join(seen, name))
		two, _ := os.ReadFile(filepath.Join(folder, "unseen", name))
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: %v: with the window other bytes than without", name, err)
		}
	}
}

// If the window is taken away, the training goes on.
func TestWindowLost(t *testing.T) {
	enginetest.Open(t)
	enginetest.Tool(t, "xdotool")
	for name, lose := range map[string]func(endDisplay func()) error{
		"its display ends": func(end func()) error { end(); return nil },
		"another program destroys it": func(func()) error {
			return exec.Command("xdotool", "search", "--name", "wgpucnn train", "windowclose").Run()
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, end := enginetest.Display(t)
			folder := filepath.Join(t.TempDir(), "run")
			done := make(chan string, 1)
			go func() {
				_, _, err := call(strings.Fields("train --epochs 40 --lr 0.05 --hidden 4 --pooling avg --batch 500 --quiet --window --out " + folder)...)
				done <- err
			}()
			press(t, "s", folder+"/window-avg-*.png")
			if err := lose(end); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != "" {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(folder, runs.SummaryFile)); err != nil {
				t.Error(err)
			}
		})
	}
}

// atRest returns a file once it has not grown for two seconds.
func atRest(t *testing.T, path string) []byte {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if after, _ := os.ReadFile(path); len(after) == len(before) {
			return after
		}
	}
	t.Fatalf("%s still grows after %v", path, patience)
	return nil
}

// checkCurves looks for both curves' colours in both panels of a saved picture.
func checkCurves(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if picture.Bounds() != image.Rect(0, 0, 1280, 800) {
		t.Fatalf("%s: %v, want 1280 x 800", path, picture.Bounds())
	}
	for panel, area := range map[string]image.Rectangle{"loss": image.Rect(60, 80, 1270, 255), "accuracy": image.Rect(60, 290, 1270, 470)} {
		for name, want := range map[string]color.RGBA{"train": {0x00, 0x72, 0xB2, 0xFF}, "test": {0xD5, 0x5E, 0x00, 0xFF}} {
			count := 0
			for y := area.Min.Y; y < area.Max.Y; y++ {
				for x := area.Min.X; x < area.Max.X; x++ {
					if near(color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA), want) {
						count++
					}
				}
			}
			if count < 300 {
				t.Errorf("%s: %d pixels of the curve %s in the panel %s, want 300 or more", path, count, name, panel)
			}
		}
	}
}

// near tells whether two colours are the same, except for smoothed edges.
func near(a, b color.RGBA) bool {
	apart := func(x, y uint8) bool { return max(x, y)-min(x, y) > 30 }
	return !apart(a.R, b.R) && !apart(a.G, b.G) && !apart(a.B, b.B)
}
