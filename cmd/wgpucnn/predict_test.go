package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/classify"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
)

// colours are the classes of the model that saveColours saves, with the colours of their pictures.
var colours = map[string]color.Color{
	"red": color.RGBA{255, 0, 0, 255}, "green": color.RGBA{0, 255, 0, 255}, "blue": color.RGBA{0, 0, 255, 255}, "clear": color.Transparent,
}

// saveColours saves a model that tells red from green and blue pictures of 4 x 4 pixels:
// a logit is the sum of its colour's pixels, 0 to 1, times strength.
func saveColours(t *testing.T, folder string, strength float32) string {
	t.Helper()
	network, err := nn.NewSequential(nn.Shape{4, 4, 3}, nn.Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}, nn.Flatten{}, nn.Linear{In: 48, Out: 3})
	if err != nil {
		t.Fatal(err)
	}
	state := network.InitState(0)
	for i := range state[0].Data {
		state[0].Data[i] = 0
		if i/48 == i%48/16 {
			state[0].Data[i] = strength
		}
	}
	clear(state[1].Data)
	path := filepath.Join(folder, "colours.safetensors")
	if err := (&modelfile.Model{Network: network, State: state, ClassNames: []string{"red", "green", "blue"}}).Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// encode returns an image file of one colour.
func encode(t *testing.T, kind, colour string, width, height int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(m, m.Rect, image.NewUniform(colours[colour]), image.Point{}, draw.Src)
	var file bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&file, m)
	case "jpeg":
		err = jpeg.Encode(&file, m, nil)
	case "gif":
		p := image.NewPaletted(m.Rect, palette.WebSafe)
		draw.Draw(p, p.Rect, m, image.Point{}, draw.Src)
		err = gif.Encode(&file, p, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// leave writes files below a folder.
func leave(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// The table has the files and folders in their order, of any kind and size. A line counts what was
// changed in the images.
func TestPredict(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	model := saveColours(t, ".", 0.25)
	leave(t, ".", map[string][]byte{
		"photos/b.JPG": encode(t, "jpeg", "green", 40, 30), "photos/a.png": encode(t, "png", "red", 4, 4), "photos/c.gif": encode(t, "gif", "blue", 4, 4),
		"photos/notes.txt": []byte("no image"), "photos/more/d.png": encode(t, "png", "red", 4, 4), "photos/folder.png/e.png": nil,
		"clear\n.png": encode(t, "png", "clear", 4, 4), "turned.jpeg": slices.Insert(encode(t, "jpeg", "green", 40, 30), 2, []byte(exif)...),
	})
	status, out, err := call("predict", model, "clear\n.png", "photos", "turned.jpeg")
	// The logits are 4, 0 and 0; a picture of white has 4 thrice, and a JPEG's green a bit of blue.
	want := `image          class  probability  next
"clear\n.png"  red        33.33 %  green 33.33 %, blue 33.33 %
photos/a.png   red        96.47 %  green 1.77 %, blue 1.77 %
photos/b.JPG   green      96.44 %  blue 1.79 %, red 1.77 %
photos/c.gif   blue       96.47 %  red 1.77 %, green 1.77 %
turned.jpeg    green      96.44 %  blue 1.79 %, red 1.77 %
`
	if status != 0 || out != want {
		t.Errorf("status %d, got\n%swant\n%s", status, out, want)
	}
	lines := strings.Split(err, "\n")
	if len(lines) != 3 || lines[0] != "skipped 3 files and folders that are not named .png, .jpg, .jpeg, .gif, .bmp, .webp" ||
		!strings.HasPrefix(lines[1], "5 images in ") || !strings.HasSuffix(lines[1], " s, 1 turned upright, 2 cropped to the middle, 2 resized to 4 x 4, 1 with transparent pixels put on white") {
		t.Errorf("got %q", err)
	}
}

// exif is the segment of a JPEG that was taken by a camera held upright.
const exif = "\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"

// Images that the model cannot classify are not among those that were changed.
func TestPredictCountsClassified(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	model := saveColours(t, folder, 3e38)
	leave(t, folder, map[string][]byte{"a.png": encode(t, "png", "red", 5, 5), "b.png": encode(t, "png", "red", 5, 5)})
	status, out, err := call("predict", model, filepath.Join(folder, "a.png"), filepath.Join(folder, "b.png"))
	if status != 1 || out != "" || !strings.Contains(err, "0 images in ") || strings.Contains(err, "resized") {
		t.Errorf("status %d, %q, %q", status, out, err)
	}
}

// prediction is a line of predict --json.
type prediction struct {
	Image         string
	Label         int
	Class         string
	Probability   float64
	Probabilities map[string]float64
}

// An image on standard input, as JSON.
func TestPredictStandardInput(t *testing.T) {
	enginetest.Open(t)
	model := saveColours(t, t.TempDir(), 0.25)
	defer func(before io.Reader) { stdin = before }(stdin)
	stdin = bytes.NewReader(encode(t, "png", "green", 4, 4))
	status, out, err := call("predict", "--json", model, "-")
	var got prediction
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	p := 1 / (1 + 2*math.Exp(-4))
	if status != 0 || got.Image != "-" || got.Label != 1 || got.Class != "green" || math.Abs(got.Probability-p) > 1e-6 ||
		len(got.Probabilities) != 3 || got.Probabilities["green"] != got.Probability || math.Abs(got.Probabilities["blue"]-(1-p)/2) > 1e-6 {
		t.Errorf("status %d, got %+v, %q", status, got, err)
	}
	stdin = strings.NewReader("no image")
	if status, out, err := call("predict", model, "-"); status != 1 || out != "" || err != "wgpucnn: standard input: picture: not a PNG, JPEG, GIF, BMP or WebP\n" {
		t.Errorf("status %d, %q, %q", status, out, err)
	}
}

// A file that is no image does not move the others from their places, over several batches.
func TestPredictMany(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	model := saveColours(t, folder, 1)
	const count = 2*classify.BatchSize + 44
	names := []string{"red", "green", "blue"}
	all := map[string][]byte{}
	for i := range count {
		all[fmt.Sprintf("images/%03d.png", i)] = encode(t, "png", names[i%3], 1+i%5, 4)
	}
	all["images/007.png"], all["images/256.png"] = []byte("no image"), all["images/256.png"][:50]
	leave(t, folder, all)
	status, out, err := call("predict", "--json", model, filepath.Join(folder, "images"), filepath.Join(folder, "nowhere.png"))
	if status != 1 || strings.Count(err, "\n") != 5 || !strings.HasSuffix(err, "\nwgpucnn: predict: 3 of 301 images could not be classified\n") {
		t.Errorf("status %d, %q", status, err)
	}
	for _, want := range []string{"007.png: picture: not a PNG, JPEG, GIF, BMP or WebP\n", "256.png: picture: png: invalid format: not enough pixel data: is the file cut or damaged?\n", "nowhere.png: no such file", "298 images in "} {
		if !strings.Contains(err, want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	results := json.NewDecoder(strings.NewReader(out))
	for i := range count {
		if i == 7 || i == 256 {
			continue
		}
		var got prediction
		if err := results.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(got.Image) != fmt.Sprintf("%03d.png", i) || got.Class != names[i%3] {
			t.Fatalf("image %d: got %+v", i, got)
		}
	}
	if results.More() {
		t.Error("there is more")
	}
}

// If the only image fails, or all images fail, that gives one line.
func TestPredictFailures(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	leave(t, folder, map[string][]byte{"empty/notes.txt": nil, "red.png": encode(t, "png", "red", 4, 4), "text.png": []byte("no image")})
	four, err := nn.NewSequential(nn.Shape{1, 1, 4}, nn.Normalize{Mean: make([]float32, 4), Std: []float32{1, 1, 1, 1}}, nn.Flatten{}, nn.Linear{In: 4, Out: 1})
	if err != nil {
		t.Fatal(err)
	}
	channels := filepath.Join(folder, "channels.safetensors")
	if err := (&modelfile.Model{Network: four, State: four.InitState(0), ClassNames: []string{"a"}}).Save(channels); err != nil {
		t.Fatal(err)
	}
	infinite := saveColours(t, folder, 3e38)
	red := filepath.Join(folder, "red.png")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"no image in this folder", []string{infinite, filepath.Join(folder, "empty")}},
		{"text.png: picture: not a PNG, JPEG, GIF, BMP or WebP", []string{infinite, filepath.Join(folder, "text.png")}},
		{"red.png: the model makes infinite numbers of it", []string{infinite, red}},
		{"a network that takes (1, 1, 4): want (height, width, channels)", []string{channels, red, red}},
	} {
		status, out, err := call(append([]string{"predict"}, c.args...)...)
		if status != 1 || out != "" || !strings.Contains(err, c.want) || strings.Count(err, "\n") != 1 {
			t.Errorf("status %d, %q, %q; want 1 and a line with %q", status, out, err, c.want)
		}
	}
}

// A signal stops predict while it waits for standard input.
func TestPredictStopped(t *testing.T) {
	enginetest.Open(t)
	model := saveColours(t, t.TempDir(), 1)
	silence, end := io.Pipe()
	defer func(before io.Reader) { stdin = before }(stdin)
	stdin = silence
	defer end.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stderr bytes.Buffer
	if status := execute(ctx, []string{"predict", model, "-"}, streams{io.Discard, &stderr}); status != 130 || stderr.String() != "wgpucnn: stopped\n" {
		t.Errorf("status %d, %q", status, stderr.String())
	}
}
