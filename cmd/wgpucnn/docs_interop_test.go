package main

import (
	"context"
	"fmt"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
	"wgpucnn/testdata/interop"
)

// The programs of docs/files.md classify a picture in ONNX Runtime as the engine does. Only
// the training is shorter than on the page.
func TestInteropDocs(t *testing.T) {
	interop.Need(t)
	dev := enginetest.Open(t)
	page, err := os.ReadFile("../../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Abs("../../testdata/interop")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## From training to ONNX Runtime\n")
	section, _, _ = strings.Cut(section, "\n## ")
	part := func(begin, end string) string {
		t.Helper()
		_, text, found := strings.Cut(section, begin)
		text, _, ended := strings.Cut(text, end)
		if !found || !ended {
			t.Fatalf("the section lacks %q", begin)
		}
		return text
	}

	t.Chdir(t.TempDir())
	line := strings.Fields(part("    bin/wgpucnn ", "\n"))
	if status, _, err := call(append(line, "--epochs", "2", "--hidden", "4", "--pooling", "stride", "--quiet")...); status != 0 {
		t.Fatalf("%v: status %d: %s", line, status, err)
	}
	data, err := dataset.Open(context.Background(), "builtin", dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	picture := data.Test
	picture.Pixels, picture.Labels = picture.Pixels[:32*32*3], picture.Labels[:1]
	writePNG(t, "picture.png", picture)
	model, _, err := choose.ReadModel("runs/first/best/model.onnx", "")
	if err != nil {
		t.Fatal(err)
	}
	predictions, err := predict.Model(context.Background(), dev, model, picture)
	if err != nil {
		t.Fatal(err)
	}
	want := predictions[0]

	if err := os.Symlink(scripts+"/node_modules", "node_modules"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", scripts+"/python")
	for _, c := range []struct{ program, file, code string }{
		{"/usr/bin/python3", "classify.py", part("```python\n", "```")},
		{"node", "classify.mjs", part("```js\n", "```")},
	} {
		if err := os.WriteFile(c.file, []byte(c.code), 0o666); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(c.program, c.file).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", c.file, err, out)
			continue
		}
		var class string
		var p float64
		_, err = fmt.Sscanf(string(out), "%s %f\n", &class, &p)
		if err != nil || class != model.ClassNames[want.Class] || !(math.Abs(p-want.Probabilities[want.Class]) < 1e-3) {
			t.Errorf("%s printed %q, want %s %.3f", c.file, out, model.ClassNames[want.Class], want.Probabilities[want.Class])
		}
	}
}

// writePNG writes a single picture.
func writePNG(t *testing.T, path string, picture dataset.Images) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, report.Photo{Images: picture}); err != nil {
		t.Fatal(err)
	}
}
