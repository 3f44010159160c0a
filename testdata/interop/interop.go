// Package interop helps tests that compare this project with PyTorch and ONNX Runtime. They
// exchange raw files of floats with the scripts of this folder.
package interop

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
	"wgpucnn/shaders/ref"
)

// Need skips a test unless WGPUCNN_INTEROP is 1. "make interop" installs what these tests need
// and sets it.
func Need(t testing.TB) {
	t.Helper()
	if os.Getenv("WGPUCNN_INTEROP") != "1" {
		t.Skip("needs PyTorch, ONNX Runtime and Chromium: run make interop")
	}
}

// Run runs a program and fails the test if the program fails.
func Run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Write writes a file.
func Write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// Images returns n random images, the same ones each time.
func Images(n, height, width, channels int) dataset.Images {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	images := dataset.Images{Height: height, Width: width, Channels: channels, Pixels: make([]byte, n*height*width*channels), Labels: make([]uint32, n)}
	for i := range images.Pixels {
		images.Pixels[i] = byte(random.Uint32())
	}
	return images
}

// Interleaved returns the pixels of images as bytes (N, H, W, C), which the scripts read.
func Interleaved(images dataset.Images) []byte {
	pixels := make([]byte, 0, len(images.Pixels))
	for row := range images.Len() {
		pixels = images.AppendInterleaved(pixels, row)
	}
	return pixels
}

// WriteImages writes the pixels of images as floats (N, H, W, C).
func WriteImages(t testing.TB, path string, images dataset.Images) {
	t.Helper()
	floats := make([]float32, len(images.Pixels))
	for i, pixel := range Interleaved(images) {
		floats[i] = float32(pixel)
	}
	Write(t, path, engine.Bytes(floats))
}

// Compare fails the test unless the engine's logits equal those in a file within atol +
// rtol*|want|.
func Compare(t testing.TB, got []float32, path string, atol, rtol float64) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	floats := make([]float32, len(data)/4)
	copy(engine.Bytes(floats), data)
	want := make([]float64, len(floats))
	for i, v := range floats {
		want[i] = float64(v)
	}
	if err := ref.Compare(got, want, atol, rtol); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}
