package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// writePhotos writes class folders of pictures below a folder: bright ones and dark ones, each with its own
// noise, 40 pixels wide and 24 high.
func writePhotos(t *testing.T, folder string, each int) {
	t.Helper()
	random := rand.New(rand.NewPCG(19, 0))
	for class, base := range map[string]int{"dark": 40, "light": 150} {
		for i := range each {
			m := image.NewRGBA(image.Rect(0, 0, 40, 24))
			for p := range 40 * 24 {
				v := func() byte { return byte(base + random.IntN(80)) }
				m.Set(p%40, p/40, color.RGBA{v(), v(), v(), 255})
			}
			var file bytes.Buffer
			if err := png.Encode(&file, m); err != nil {
				t.Fatal(err)
			}
			leave(t, folder, map[string][]byte{fmt.Sprintf("%s/%02d.png", class, i): file.Bytes()})
		}
	}
}

// data shows how pictures were read, and names those that cannot be.
func TestShowPictures(t *testing.T) {
	t.Chdir(t.TempDir())
	writePhotos(t, "photos", 5)
	leave(t, "photos", map[string][]byte{"dark/a.gif": []byte("none"), "dark/b.png": nil, "light/c.bmp": nil, "light/d.webp": nil, "notes.txt": nil})
	sheet := "sheet.png"
	for _, how := range []string{`\d+\.\d s and kept in `, `\d+\.\d s by an earlier call and kept in `} {
		status, out, stderr := call("data", "--data", "photos", "--split", "0.4", "--size", "16", "--sheet", sheet)
		for _, want := range []string{"pictures of 16 x 16\n", "  dark       3     2\n", "  light      3     2\n"} {
			if status != 0 || !strings.Contains(out, want) {
				t.Errorf("status %d, want %q in\n%s", status, want, out)
			}
		}
		want := regexp.MustCompile(`^pictures 10 of 16 x 16, decoded in ` + how + `.*; other files, ignored: 1
wgpucnn: pictures that cannot be read and are left out: 4 of 14; --strict refuses them
wgpucnn:   "dark/a.gif": picture: not a PNG, JPEG, GIF, BMP or WebP
wgpucnn:   "dark/b.png": .*
wgpucnn:   "light/c.bmp": .*
wgpucnn:   and 1 more
$`)
		if !want.MatchString(stderr) {
			t.Errorf("got %q, want %v", stderr, want)
		}
	}
	status, _, stderr := call("data", "--data", "photos", "--split", "0.4", "--strict")
	if status != 1 || !strings.Contains(stderr, `pictures that cannot be read: 4, the first is "dark/a.gif"`) {
		t.Errorf("--strict: status %d, %q", status, stderr)
	}
}

// data shows grey images of arrays.
func TestShowGrey(t *testing.T) {
	folder := t.TempDir()
	var file bytes.Buffer
	w := zip.NewWriter(&file)
	for name, text := range map[string]string{
		"images.npy": "\x93NUMPY\x01\x00\x3b\x00{'descr': '|u1', 'fortran_order': False, 'shape': (4,1,2)}\n\x00\x33\x00\x33\x00\x33\x00\x33",
		"labels.npy": "\x93NUMPY\x01\x00\x38\x00{'descr': '|u1', 'fortran_order': False, 'shape': (4,)}\n\x00\x01\x00\x01",
	} {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	leave(t, folder, map[string][]byte{"grey.npz": file.Bytes()})
	out := mustCall(t, "data", "--data", filepath.Join(folder, "grey.npz"), "--split", "0.5", "--sheet", filepath.Join(folder, "sheet.png"))
	for _, want := range []string{"pictures of 1 x 2\n", "  0          1     1\n", "  grey     0.1000  0.1000      0.4877     0.1998\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// A training on photographs keeps what was done to them in config.json, and goes on with it to the same
// bits. eval measures the model on the same rows.
func TestTrainPhotos(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	writePhotos(t, "photos", 20)
	line := strings.Fields("train --data photos --split 0.25 --size 16 --strict --normalize data --seed 3 --batch 8 --hidden 2 --pooling max,avg --tiling default --quiet --out")
	mustCall(t, append(slices.Clone(line), "whole", "--epochs", "8")...)
	mustCall(t, append(slices.Clone(line), "broken", "--epochs", "3")...)
	mustCall(t, "train", "--resume", "broken", "--epochs", "8", "--quiet")
	sameRun(t, "broken", "whole")

	var config runs.Config
	if err := json.Unmarshal(runstest.Files(t, "broken")[runs.ConfigFile], &config); err != nil {
		t.Fatal(err)
	}
	r := config.Recipe
	if r.Split != 0.25 || r.Size != 16 || !r.Strict || r.Normalize != "data" || r.Seed != 3 || r.SplitSeed != 3 {
		t.Errorf("config.json: got %+v", r)
	}
	for _, word := range []string{"--split=0.25", "--size=16", "--strict=true", "--normalize=data"} {
		if !slices.Contains(config.Command, word) {
			t.Errorf("the command %q lacks %s", config.Command, word)
		}
	}
	model, err := modelfile.Load(filepath.Join("whole", "max", "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if first := model.Modules[0].Layer.String(); strings.Contains(first, "0.5074") || !strings.HasPrefix(first, "Normalize(mean=[0.5") {
		t.Errorf("the first layer is %s, want the means of the photographs", first)
	}

	eval := func(args ...string) (sum int) {
		t.Helper()
		var e struct{ Test struct{ Confusion [][]int } }
		if err := json.Unmarshal([]byte(mustCall(t, append([]string{"eval", "whole", "--data", "photos", "--json"}, args...)...)), &e); err != nil {
			t.Fatal(err)
		}
		for _, row := range e.Test.Confusion {
			for _, n := range row {
				sum += n
			}
		}
		return sum
	}
	if got := eval(); got != 10 {
		t.Errorf("eval counts %d test rows, want 10", got)
	}
	if got := eval("--split", "0.5"); got != 20 {
		t.Errorf("eval --split 0.5 counts %d test rows, want 20", got)
	}
	out := mustCall(t, "summary", "whole")
	if want := "; data split 0.25, size 16, strict, normalized by the data\n"; !strings.Contains(out, want) {
		t.Errorf("%q is not in\n%s", want, out)
	}
	// predict treats a picture as training did.
	if out := mustCall(t, "predict", "whole", filepath.Join("photos", "light", "00.png")); !strings.Contains(out, "light") {
		t.Errorf("got %s", out)
	}
	if err := os.WriteFile(filepath.Join("photos", "dark", "00.png"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := call("train", "--resume", "whole", "--epochs", "9"); status != 1 || !strings.Contains(stderr, "pictures that cannot be read: 1") {
		t.Errorf("a run goes on with a broken picture: status %d, %q", status, stderr)
	}
}

// eval splits a model's own data as train did, whatever seed the model was trained from.
func TestEvalSplit(t *testing.T) {
	model := &modelfile.Model{Network: &nn.Network{In: nn.Shape{64, 64, 3}}, Training: map[string]any{"data": "/photos", "recipe": map[string]any{"split": 0.25, "split_seed": 3, "seed": 7}}}
	for _, c := range []struct {
		data  string
		split bool
		want  choose.Source
	}{
		{"/photos", false, choose.Source{Data: "/photos", Split: 0.25, Seed: 3}},
		{"/photos", true, choose.Source{Data: "/photos"}},
		{"/others", false, choose.Source{Data: "/others"}},
	} {
		s := evalSettings{source: choose.Source{Data: c.data}}
		s.prepare(model, c.split)
		if s.source.Data != c.want.Data || s.source.Split != c.want.Split || s.source.Seed != c.want.Seed || s.source.ModelSize != 64 {
			t.Errorf("%s, %v: got %+v, want %+v", c.data, c.split, s.source, c.want)
		}
	}
}

// Flags about data that are wrong or do not fit name themselves.
func TestDataFlagsUsage(t *testing.T) {
	for line, want := range map[string]string{
		"data --split 1.5":                         "data: --split 1.5: want 0 or more, below 1",
		"eval m --data x --size 2000":              "eval: --size 2000: want 1 to 1024",
		"train --size 64":                          "train: --split, --size and --strict are for data of your own: leave them out for --data builtin",
		"data --data cifar100 --strict":            "leave them out for --data cifar100",
		"train --normalize mine":                   "train: --normalize mine: want one of lab, data",
		"bench --split 0.5":                        "bench: --split is for --to",
		"train --resume x --normalize data":        "train: --resume and --normalize: the run keeps its own",
		"bench --to 50 --data photos --split -0.5": "bench: --split -0.5: want 0 or more, below 1",
	} {
		if status, _, stderr := call(strings.Fields(line)...); status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, %q, want %q", line, status, stderr, want)
		}
	}
}
