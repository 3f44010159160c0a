package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

// lostValue is a ReLU that leaves out the last value if there are more than 64.
type lostValue struct{ size int }

func (c lostValue) Name() string { return fmt.Sprintf("it's %d values", c.size) }

func (c lostValue) Try(r *shadertest.Rig) {
	relu := layerCase{layer: nn.ReLU{}, in: nn.Shape{c.size}, batch: 1}
	n := relu.node(r, relu.in, tensors{x: make([]float32, c.size), dy: make([]float32, c.size)})
	plan := nn.ReLU{}.Forward(n, nn.Step{})
	if c.size > 64 {
		plan[0].Kernel.Constants[0].Value = c.size - 1
	}
	r.Run(plan)
	r.Same("y", r.Floats(n.Y), make([]float64, c.size))
}

// A part that fails names the commands that repeat its cases, the smallest case, and the reproduction of it.
func TestExplain(t *testing.T) {
	devices, folder := []*engine.Device{enginetest.Open(t)}, filepath.Join(t.TempDir(), "found")
	right := tables["add"]
	defer func() { tables["add"] = right }()
	tables["add"] = func() []shadertest.Case {
		return append(shadertest.Cases([]lostValue{{90}, {60}}), shadertest.Generate(1, 3, func(d *shadertest.Draw) shadertest.Case { return lostValue{d.Between(20, 300)} })...)
	}
	options := Options{Selection: Selection{Parts: []string{"add"}}, Command: []string{"wgpucnn", "verify", "--adapter", "some name"}, Reproduce: folder}
	results, err := Run(context.Background(), devices, options, Observer{Case: func(string, int, int) {}, Part: func(Result) {}})
	if err != nil || len(results) != 1 {
		t.Fatalf("got %v, %v", results, err)
	}
	got := results[0].String()
	for _, line := range []string{
		"    failed  it's 90 values: y: at index 89 of 90: got NaN, want 0\n    repeat   wgpucnn verify --adapter 'some name' --op add --case 'it'\\''s 90 values'\n",
		"    smallest case found  it's 65 values: y: at index 64 of 65: got NaN, want 0\n",
		"    reproduction         " + filepath.Join(folder, "add"),
	} {
		if !strings.Contains(got+"\n", line) {
			t.Errorf("got\n%s\nwant in it\n%s", got, line)
		}
	}
	if text, err := os.ReadFile(filepath.Join(folder, "add", "reproduction.json")); err != nil || !strings.Contains(string(text), "it's 65 values") {
		t.Errorf("the reproduction: %v\n%s", err, text)
	}

	// A case by hand is not reduced. A folder that exists is no reason to end.
	tables["add"] = func() []shadertest.Case { return shadertest.Cases([]lostValue{{90}}) }
	results, err = Run(context.Background(), devices, options, Observer{Case: func(string, int, int) {}, Part: func(Result) {}})
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.Smallest != nil || !strings.HasPrefix(r.Reproduction, "none: ") || !strings.Contains(r.Reproduction, "exists") {
		t.Errorf("got %+v", r)
	}
}

// A selection chooses parts by name, and cases by name or by a text in their names.
func TestSelection(t *testing.T) {
	for _, c := range []struct {
		Selection
		parts string
		cases int // at least
		err   string
	}{
		{Selection{}, strings.Join(Names(), " "), 4000, ""},
		{Selection{Parts: []string{"sgd", "add"}}, "add sgd", 300, ""},
		{Selection{Case: "tensors of 65"}, "add", 3, ""},
		{Selection{Parts: []string{"training"}, Case: "base"}, "training", 1, ""},
		{Selection{Parts: []string{"add", "con2d"}}, "", 0, "op con2d: no part has that name: did you mean conv2d?"},
		{Selection{Parts: []string{"grouped"}}, "", 0, "op grouped: no part has that name: did you mean conv2d_grouped?"},
		{Selection{Parts: []string{"BatchNorm2d"}}, "", 0, "did you mean batch_norm2d?"},
		{Selection{Parts: []string{"convolution"}}, "", 0, "want some of activation, adamw,"},
		{Selection{Parts: []string{"add"}, Case: "no such"}, "", 0, `case "no such": no case has this text in its name`},
	} {
		listing, err := c.List()
		var parts []string
		cases := 0
		for _, l := range listing {
			parts, cases = append(parts, l.Part), cases+len(l.Cases)
		}
		if strings.Join(parts, " ") != c.parts || cases < c.cases || c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%+v: got %d cases of %v, %v", c.Selection, cases, parts, err)
		}
	}
	if listing, _ := (Selection{Parts: []string{"training"}, Case: "base"}).List(); len(listing) != 1 || len(listing[0].Cases) != 1 {
		t.Errorf("a case by its name: got %v", listing)
	}
}
