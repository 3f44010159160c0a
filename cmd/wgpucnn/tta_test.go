package main

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"wgpucnn/engine/enginetest"
)

// With --tta flip an image and its mirror image have the same probabilities, and eval has other figures and
// says so.
func TestTTA(t *testing.T) {
	enginetest.Open(t)
	const model = "../../nn/testdata/model.safetensors"
	folder := t.TempDir()
	for name, mirror := range map[string]bool{"a.png": false, "b.png": true} {
		picture := image.NewRGBA(image.Rect(0, 0, 32, 32))
		for y := range 32 {
			for x := range 32 {
				from := x
				if mirror {
					from = 31 - x
				}
				picture.Set(x, y, color.RGBA{uint8(8 * from), uint8(7 * y), uint8(from * y), 255})
			}
		}
		file, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, picture); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	probability := func(name string, flags ...string) float64 {
		t.Helper()
		status, out, stderr := call(append([]string{"predict", model, filepath.Join(folder, name), "--json"}, flags...)...)
		var p prediction
		if err := json.Unmarshal([]byte(out), &p); status != 0 || err != nil {
			t.Fatalf("status %d, %v: %s%s", status, err, out, stderr)
		}
		return p.Probabilities["apple"]
	}
	if a, b := probability("a.png"), probability("b.png"); a == b {
		t.Errorf("both images have %v", a)
	}
	if a, b := probability("a.png", "--tta", "flip"), probability("b.png", "--tta", "flip"); math.Abs(a-b) > 1e-6 {
		t.Errorf("with --tta flip the images have %v and %v", a, b)
	}
	var losses [2]float64
	for i, tta := range []string{"none", "flip"} {
		status, out, stderr := call("eval", model, "--json", "--tta", tta)
		var f struct {
			TTA  string
			Test struct{ Loss float64 }
		}
		if err := json.Unmarshal([]byte(out), &f); status != 0 || err != nil {
			t.Fatalf("status %d, %v: %s", status, err, stderr)
		}
		if want := map[string]string{"flip": "flip"}[tta]; f.TTA != want {
			t.Errorf("--tta %s: the file says %q, want %q", tta, f.TTA, want)
		}
		losses[i] = f.Test.Loss
	}
	if losses[0] == losses[1] {
		t.Errorf("with and without --tta flip the loss is %v", losses[0])
	}
}
