package onnx

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/shaders/ref"
)

const interopFolder = "../../testdata/interop"

// checkerOpset is the newest that Debian 12's ONNX checker knows.
const checkerOpset = 17

// interop skips a test unless WGPUCNN_INTEROP is 1: "make interop" sets it when
// it has installed what these tests compare with.
func interop(t *testing.T) {
	t.Helper()
	if os.Getenv("WGPUCNN_INTEROP") != "1" {
		t.Skip("needs ONNX Runtime: run make interop")
	}
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// pictures draws n random images.
func pictures(n int) dataset.Images {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	images := dataset.Images{Height: 32, Width: 32, Channels: 3, Pixels: make([]byte, n*32*32*3), Labels: make([]uint32, n)}
	for i := range images.Pixels {
		images.Pixels[i] = byte(random.Uint32())
	}
	return images
}

// The written files pass ONNX's checker, and ONNX Runtime computes the engine's
// logits from them: every variant and kind of pool, batches of 1, 7 and 128, and a
// fixed one, from the oldest operator set to the newest.
func TestInteropLogits(t *testing.T) {
	interop(t)
	dev := enginetest.Open(t)
	for _, c := range []struct {
		pooling  string
		poolSize int
	}{{"base", 1}, {"stride", 1}, {"max", 1}, {"avg", 1}, {"max", 2}, {"avg", 2}, {"max", 3}, {"avg", 3}, {"max", 11}, {"avg", 11}} {
		model := lab(t, c.pooling, c.poolSize)
		want := map[int][]float32{}
		for _, n := range []int{1, 7, 128} {
			logits, err := nn.Logits(context.Background(), dev, model.Sequential, model.State, pictures(n), nn.PredictOptions{Batch: n})
			if err != nil {
				t.Fatal(err)
			}
			want[n] = logits
		}
		for _, o := range []Options{{Opset: OldestOpset}, {Opset: 13}, {Opset: checkerOpset}, {Opset: NewestOpset}, {Opset: OldestOpset, Batch: 7}} {
			t.Run(fmt.Sprintf("%s %d opset %d batch %d", c.pooling, c.poolSize, o.Opset, o.Batch), func(t *testing.T) {
				folder := t.TempDir()
				path := filepath.Join(folder, "model.onnx")
				write(t, path, marshal(t, model, o))
				batches, batch := []int{1, 7, 128}, "batch_size"
				if o.Batch > 0 {
					batches, batch = []int{o.Batch}, fmt.Sprint(o.Batch)
				}
				if o.Opset <= checkerOpset {
					command(t, "/usr/bin/python3", interopFolder+"/check.py", "3", batch, path)
				}
				args := []string{interopFolder + "/logits.mjs", path, "32", "32", "3"}
				for _, n := range batches {
					var floats []float32
					for _, pixel := range pictures(n).Pixels {
						floats = append(floats, float32(pixel))
					}
					input := filepath.Join(folder, fmt.Sprintf("%d.input", n))
					write(t, input, engine.Bytes(floats))
					args = append(args, input, input+".output")
				}
				command(t, "node", args...)
				for i, n := range batches {
					compare(t, n, args[6+2*i], want[n])
				}
			})
		}
	}
}

// ONNX Runtime takes every operator set that can be written, and no newer one.
func TestInteropOpsets(t *testing.T) {
	interop(t)
	folder := t.TempDir()
	args := []string{interopFolder + "/opsets.mjs"}
	var want strings.Builder
	for opset := OldestOpset; opset <= NewestOpset+1; opset++ {
		file := marshal(t, lab(t, "avg", 3), Options{Opset: min(opset, NewestOpset)})
		if opset > NewestOpset {
			file = bytes.Replace(file, []byte{16, NewestOpset}, []byte{16, NewestOpset + 1}, 1)
		}
		path := filepath.Join(folder, fmt.Sprint(opset))
		write(t, path, file)
		args = append(args, path)
		fmt.Fprintln(&want, path, opset <= NewestOpset)
	}
	out, err := exec.Command("node", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(out) != want.String() {
		t.Errorf("ONNX Runtime loads\n%swant\n%s", out, want.String())
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// compare holds ONNX Runtime's logits, in a file, to the engine's.
func compare(t *testing.T, batch int, path string, want []float32) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(data)/4)
	copy(engine.Bytes(got), data)
	wide := make([]float64, len(want))
	for i, v := range want {
		wide[i] = float64(v)
	}
	if err := ref.Compare(got, wide, 1e-4, 0); err != nil {
		t.Errorf("batch of %d: %v", batch, err)
	}
}
