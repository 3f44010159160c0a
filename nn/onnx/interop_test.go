package onnx

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/predict"
	"wgpucnn/testdata/interop"
)

const interopFolder = "../../testdata/interop"

// checkerOpset is the newest operator set that Debian 12's ONNX checker knows.
const checkerOpset = 17

// The files pass ONNX's checker, and ONNX Runtime computes the engine's logits from them: for
// every variant and kind of pool, a residual network, and one with BatchNorm2d, folded too, for batches of 1, 7 and 128 and a fixed
// batch, and from the oldest operator set to the newest.
func TestInteropLogits(t *testing.T) {
	interop.Need(t)
	dev := enginetest.Open(t)
	normalised := batchNorm(t)
	folded := *normalised
	folded.Network, folded.State = nn.Fold(normalised.Network, normalised.State)
	models := map[string]*modelfile.Model{"residual": residual(t), "smooth": smooth(t), "BatchNorm2d": normalised, "folded": &folded}
	for _, pooling := range nn.Poolings {
		models[pooling] = lab(t, pooling, 1)
	}
	for _, size := range []int{2, 3, 11} {
		models[fmt.Sprint("max ", size)], models[fmt.Sprint("avg ", size)] = lab(t, "max", size), lab(t, "avg", size)
	}
	for name, model := range models {
		want := map[int][]float32{}
		for _, n := range []int{1, 7, 128} {
			logits, err := predict.Logits(context.Background(), dev, model.Network, model.State, interop.Images(n, 32, 32, 3), predict.Options{Batch: n})
			if err != nil {
				t.Fatal(err)
			}
			want[n] = logits
		}
		for _, o := range []Options{{Opset: OldestOpset}, {Opset: 13}, {Opset: checkerOpset}, {Opset: NewestOpset}, {Opset: OldestOpset, Batch: 7}} {
			t.Run(fmt.Sprintf("%s opset %d batch %d", name, o.Opset, o.Batch), func(t *testing.T) {
				folder := t.TempDir()
				path := filepath.Join(folder, "model.onnx")
				interop.Write(t, path, marshal(t, model, o))
				batches, batch := []int{1, 7, 128}, "batch_size"
				if o.Batch > 0 {
					batches, batch = []int{o.Batch}, fmt.Sprint(o.Batch)
				}
				if o.Opset <= checkerOpset {
					interop.Run(t, "/usr/bin/python3", interopFolder+"/check.py", "3", batch, path)
				}
				args := []string{interopFolder + "/logits.mjs", path, "32", "32", "3"}
				for _, n := range batches {
					input := filepath.Join(folder, fmt.Sprintf("%d.input", n))
					interop.WriteImages(t, input, interop.Images(n, 32, 32, 3))
					args = append(args, input, input+".output")
				}
				interop.Run(t, "node", args...)
				for i, n := range batches {
					interop.Compare(t, want[n], args[6+2*i], 1e-4, 0)
				}
			})
		}
	}
}

// ONNX Runtime loads every operator set that can be written, and no newer one.
func TestInteropOpsets(t *testing.T) {
	interop.Need(t)
	folder := t.TempDir()
	args := []string{interopFolder + "/opsets.mjs"}
	var want strings.Builder
	for name, model := range map[string]*modelfile.Model{"avg": lab(t, "avg", 3), "residual": residual(t), "BatchNorm2d": batchNorm(t)} {
		for opset := OldestOpset; opset <= NewestOpset+1; opset++ {
			file := marshal(t, model, Options{Opset: min(opset, NewestOpset)})
			if opset > NewestOpset {
				file = bytes.Replace(file, []byte{16, NewestOpset}, []byte{16, NewestOpset + 1}, 1)
			}
			path := filepath.Join(folder, fmt.Sprint(name, opset))
			interop.Write(t, path, file)
			args = append(args, path)
			fmt.Fprintln(&want, path, opset <= NewestOpset)
		}
	}
	out, err := exec.Command("node", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(out) != want.String() {
		t.Errorf("ONNX Runtime loads\n%swant\n%s", out, want.String())
	}
}
