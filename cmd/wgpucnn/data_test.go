package main

import (
	"encoding/json"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn/report"
)

func TestShowData(t *testing.T) {
	sheet := filepath.Join(t.TempDir(), "sheet.png")
	status, out, stderr := call("data", "--classes", "apple,forest", "--sheet", sheet)
	if status != 0 || stderr != "" {
		t.Fatalf("status %d, %q, %q", status, out, stderr)
	}
	for _, want := range []string{
		"data     builtin, pictures of 32 x 32\n", "  class   train  test\n", "  apple     500   100\n", "  all     1,000   200\n",
		"  channel    mean     std  lab's mean  lab's std\n", "  0.4867     0.1987\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	file, err := os.Open(sheet)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := png.Decode(file); err != nil {
		t.Error(err)
	}
}

func TestShowDataJSON(t *testing.T) {
	status, out, stderr := call("data", "--json")
	var d shownData
	if err := json.Unmarshal([]byte(out), &d); status != 0 || stderr != "" || err != nil {
		t.Fatalf("status %d, %v, %q", status, err, stderr)
	}
	want := []report.Class{{Name: "apple", Train: 500, Test: 100}, {Name: "forest", Train: 500, Test: 100}, {Name: "palm_tree", Train: 500, Test: 100}}
	if d.Data != "builtin" || d.Height != 32 || d.Width != 32 || !slices.Equal(d.Classes, want) || len(d.Channels) != 3 {
		t.Fatalf("got %+v", d)
	}
	for i, name := range []string{"red", "green", "blue"} {
		c := d.Channels[i]
		if c.Name != name || !(c.Mean > 0 && c.Mean < 1) || !(c.Std > 0 && c.Std <= 0.5) || math.Abs(float64(c.LabMean)-0.48) > 0.05 {
			t.Errorf("got %+v", c)
		}
	}
}
