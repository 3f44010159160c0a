package dataset

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestChooseClasses(t *testing.T) {
	names := []string{"apple", "bear", "cloud", "dolphin"}
	many := strings.Split("a b c d e f g h i j k", " ")
	twice := []string{"apple", "bear", "apple", "cloud"}
	for _, c := range []struct {
		names, want []string
		ids         []int
		err         string
	}{
		{names, nil, []int{0, 1, 2, 3}, ""},
		{names, []string{"cloud", "0"}, []int{0, 2}, ""},
		{many[:10], nil, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, ""},
		{many, nil, nil, "11 classes: choose some with --classes, or all of them with --classes all"},
		{many, []string{"all"}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, ""},
		{[]string{"some", "all", "none"}, []string{"all", "none"}, []int{1, 2}, ""},
		{[]string{"some", "all", "none"}, []string{"all"}, nil, "one class"},
		{names, []string{"apple", "0"}, nil, "class apple is chosen twice"},
		{names, []string{"apple"}, nil, "one class"},
		{names[:1], nil, nil, "one class"},
		{names, []string{"apple", "4"}, nil, "class 4: want 0 to 3"},
		{names, []string{"apple", "-1"}, nil, "class -1: want 0 to 3"},
		{names, []string{"aple", "bear"}, nil, `unknown class "aple": did you mean apple?`},
		{names, []string{"zebra"}, nil, `unknown class "zebra": want some of apple, bear, cloud, dolphin`},
		{twice, nil, nil, "classes 0 and 2 are both named apple: choose one of them by its id with --classes"},
		{twice, []string{"2", "1", "0"}, nil, "classes 0 and 2 are both named apple"},
		{twice, []string{"bear", "apple"}, nil, "classes 0 and 2 are both named apple: choose one of them by its id"},
		{twice, []string{"cloud", "2"}, []int{2, 3}, ""},
		{[]string{"1", "2", "3"}, []string{"1", "2"}, []int{0, 1}, ""},
		{[]string{"1", "2", "3"}, []string{"0", "3"}, []int{0, 2}, ""},
		{names, []string{""}, nil, `unknown class ""`},
	} {
		ids, err := chooseClasses(c.names, c.want)
		if c.err == "" && (err != nil || !slices.Equal(ids, c.ids)) {
			t.Errorf("%v: got %v, %v, want %v", c.want, ids, err, c.ids)
		}
		if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%v: got %v, want an error with %q", c.want, err, c.err)
		}
	}
}

func TestChosen(t *testing.T) {
	names := []string{"apple", "bear", "2", "dolphin", "cat", "dog"}
	lab := []string{"apple", "bear"}
	for _, c := range []struct {
		classes, model, byDefault []string
		want                      []int
	}{
		{nil, nil, nil, []int{0, 1, 2, 3, 4, 5}},
		{nil, nil, lab, []int{0, 1}},
		{[]string{"2", "1"}, []string{"bear", "apple"}, lab, []int{1, 2}},
		{nil, []string{"dolphin", "2"}, lab, []int{2, 3}},
		{nil, []string{"dolphin", "zebra"}, lab, []int{0, 1}},
		{nil, []string{"dolphin", "dolphin"}, lab, []int{0, 1}},
		{nil, []string{"a", "b", "c", "d", "e", "f"}, lab, []int{0, 1, 2, 3, 4, 5}},
	} {
		if got, err := (Options{Classes: c.classes, Model: c.model}).chosen(names, c.byDefault); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("classes %v, model %v: got %v, %v, want %v", c.classes, c.model, got, err, c.want)
		}
	}
	twice := []string{"apple", "cat", "cat", "dolphin"}
	if got, err := (Options{Model: []string{"cat", "dolphin"}}).chosen(twice, lab[:1]); err == nil {
		t.Errorf("a model's class that occurs twice: got %v", got)
	}
}

// A model's classes are chosen in each kind of source. If the source lacks them, the default
// stays.
func TestOpenForModel(t *testing.T) {
	folder := writeFolder(t, good())
	for _, c := range []struct {
		source      string
		model, want []string
	}{
		{"builtin", []string{"palm_tree", "apple"}, []string{"apple", "palm_tree"}},
		{"builtin", []string{"cat", "dog"}, []string{"apple", "forest", "palm_tree"}},
		{folder, []string{"dolphin", "bear"}, []string{"bear", "dolphin"}},
		{folder, []string{"x", "y"}, []string{"apple", "bear", "cloud", "dolphin"}},
	} {
		d, err := Open(context.Background(), c.source, Options{Model: c.model})
		if err != nil || !slices.Equal(d.Classes, c.want) {
			t.Errorf("%s for %v: got %v, %v, want %v", c.source, c.model, d, err, c.want)
		}
	}
}

func TestInOrder(t *testing.T) {
	d := &Dataset{Name: "n", Classes: []string{"a", "b", "c"}, Train: numbered(0, 1, 2, 2, 1, 0), Test: numbered(2, 1)}
	got, ok := d.InOrder([]string{"c", "a", "b"})
	if !ok || got.Name != "n" || !slices.Equal(got.Classes, []string{"c", "a", "b"}) {
		t.Fatalf("got %v, %v", got, ok)
	}
	if !slices.Equal(got.Train.Labels, []uint32{1, 2, 0, 0, 2, 1}) || !slices.Equal(got.Test.Labels, []uint32{0, 2}) ||
		!bytes.Equal(got.Train.Pixels, d.Train.Pixels) || !slices.Equal(d.Test.Labels, []uint32{2, 1}) {
		t.Errorf("got %v, of %v", got, d)
	}
	for _, names := range [][]string{nil, {"a", "b"}, {"a", "b", "d"}, {"a", "b", "b"}, {"a", "b", "c", "d"}} {
		if got, ok := d.InOrder(names); ok {
			t.Errorf("%v: got %v", names, got)
		}
	}
}

// numbered returns images of one pixel. The pixel is the number of its row.
func numbered(labels ...uint32) Images {
	m := Images{Height: 1, Width: 1, Channels: 1, Labels: labels}
	for row := range labels {
		m.Pixels = append(m.Pixels, byte(row))
	}
	return m
}

func TestChoose(t *testing.T) {
	d := &Dataset{Name: "n", Classes: []string{"a", "b", "c"}, Train: numbered(0, 1, 2, 2, 1, 0), Test: numbered(2, 1)}
	got := d.choose([]int{1, 2})
	if !slices.Equal(got.Classes, []string{"b", "c"}) || !slices.Equal(got.Train.Labels, []uint32{0, 1, 1, 0}) ||
		!bytes.Equal(got.Train.Pixels, []byte{1, 2, 3, 4}) || !slices.Equal(got.Test.Labels, []uint32{1, 0}) {
		t.Errorf("got %+v", got)
	}
	if !slices.Equal(d.Train.Labels, []uint32{0, 1, 2, 2, 1, 0}) {
		t.Error("choose changed its data set")
	}
}

// A share of each class is held out. Rows stay in order, and each belongs to one side.
func TestHoldOut(t *testing.T) {
	var labels []uint32
	for i := range 90 {
		labels = append(labels, uint32(i%3*i%2)+uint32(i%3/2)*2)
	}
	m := numbered(labels...)
	rest, held, err := m.HoldOut(0.2, 1)
	if err != nil {
		t.Fatal(err)
	}
	all, kept, out := m.Counts(3), rest.Counts(3), held.Counts(3)
	for class := range 3 {
		if want := (all[class]*2 + 5) / 10; out[class] != want || kept[class]+out[class] != all[class] {
			t.Errorf("class %d: %d of %d held out and %d left, want %d held out", class, out[class], all[class], kept[class], want)
		}
	}
	seen := map[byte]bool{}
	for _, side := range []Images{rest, held} {
		if !slices.IsSorted(side.Pixels) {
			t.Error("the order changed")
		}
		for i, row := range side.Pixels {
			if seen[row] || side.Labels[i] != labels[row] {
				t.Errorf("row %d occurs twice, or has another label", row)
			}
			seen[row] = true
		}
	}
	_, same, _ := m.HoldOut(0.2, 1)
	_, other, _ := m.HoldOut(0.2, 2)
	if !bytes.Equal(held.Pixels, same.Pixels) || bytes.Equal(held.Pixels, other.Pixels) {
		t.Error("want the same rows for the same seed, and others for another seed")
	}
	for _, share := range []float64{0.001, 0.999, 0, 1, -1, 2, math.NaN(), math.Inf(1)} {
		if _, _, err := m.HoldOut(share, 1); err == nil {
			t.Errorf("a share of %v: got no error", share)
		}
	}
}
