package report

import (
	"bytes"
	"slices"
	"testing"

	"wgpucnn/nn/dataset"
)

// A name that the font cannot show is replaced by its label.
func TestPictured(t *testing.T) {
	names := []string{"apple", "蘋果樹", "e\u0301clair", "แอปเปิ้ล", "تفاحة", "תפוח", "👍 thumb", "яблоко_μήλο", "palm tree…"}
	want := []string{"apple", "class 1", "éclair", "class 3", "class 4", "class 5", "class 6", "яблоко_μήλο", "palm tree…"}
	if got := PicturedNames(names); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := pictured("runs/蘋果 on e\u0301"); got != "runs/?? on é" {
		t.Errorf("got %q", got)
	}
}

// Every picture with names of classes replaces those that it cannot show.
func TestPicturedEverywhere(t *testing.T) {
	confusion := func(names ...string) Confusion {
		return Confusion{Classes: names, Counts: [][]int{{1, 0}, {0, 1}}}
	}
	heatmaps := func(title string, c Confusion) []byte {
		png, err := Heatmaps(title, c, c)
		if err != nil {
			t.Fatal(err)
		}
		return png
	}
	if !bytes.Equal(heatmaps("蘋", confusion("apple", "蘋果樹")), heatmaps("?", confusion("apple", "class 1"))) {
		t.Error("the heat maps do not show the label")
	}
	sheetOf := func(names ...string) []byte {
		images := dataset.Images{Height: 1, Width: 1, Channels: 3, Pixels: make([]byte, 6), Labels: []uint32{0, 1}}
		png, err := ContactSheet(images, names, 1)
		if err != nil {
			t.Fatal(err)
		}
		return png
	}
	if !bytes.Equal(sheetOf("apple", "蘋果樹"), sheetOf("apple", "class 1")) {
		t.Error("the contact sheet does not show the label")
	}
	paint := func(title string) []byte {
		return new(DashboardPainter).Paint(Dashboard{Title: title}, 640, 400).Pix
	}
	if !bytes.Equal(paint("蘋果"), paint("??")) {
		t.Error("the dashboard leaves letters blank")
	}
}
