package nn

import (
	"errors"
	"slices"
	"testing"
)

// A network of the lab is told by its layers, whatever their sizes, and another is none.
func TestPooling(t *testing.T) {
	for _, pooling := range Poolings {
		for _, o := range []LabOptions{{Classes: 3}, {Classes: 2, Hidden: 5, PoolSize: 2}} {
			model, err := NewLab(pooling, Shape{32, 32, 3}, o)
			if err != nil {
				t.Fatal(err)
			}
			if got := model.Pooling(); got != pooling {
				t.Errorf("%s, %+v: got %q", pooling, o, got)
			}
			model.Modules[0].Layer = Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}
			if got := model.Pooling(); got != pooling {
				t.Errorf("%s, %+v, with another Normalize: got %q", pooling, o, got)
			}
		}
	}
	grey, err := NewSequential(Shape{2, 2, 1}, Normalize{Mean: []float32{0}, Std: []float32{1}}, Flatten{}, Linear{In: 4, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := grey.Pooling(); got != "" {
		t.Errorf("another network: got %q", got)
	}
}

// The lab's networks take grey images and another normalisation. Their variant can still be told.
func TestNewLabNormalize(t *testing.T) {
	other := NormalizeBy([]float64{0.25}, []float64{0.5})
	for _, c := range []struct {
		in   Shape
		o    LabOptions
		want Normalize
	}{
		{Shape{32, 32, 3}, LabOptions{Classes: 3}, LabNormalize},
		{Shape{28, 28, 1}, LabOptions{Classes: 10}, LabNormalizeFor(1)},
		{Shape{28, 28, 1}, LabOptions{Classes: 10, Normalize: other}, other},
	} {
		model, err := NewLab("max", c.in, c.o)
		if err != nil {
			t.Fatal(err)
		}
		got := model.Modules[0].Layer.(Normalize)
		if !slices.Equal(got.Mean, c.want.Mean) || !slices.Equal(got.Std, c.want.Std) || model.Pooling() != "max" {
			t.Errorf("%v: got %v in %q, want %v", c.in, got, model.Pooling(), c.want)
		}
	}
	for _, in := range []Shape{{32, 32}, {32, 32, 0}, nil} {
		if _, err := NewLab("max", in, LabOptions{Classes: 3}); !errors.Is(err, ErrShape) {
			t.Errorf("%v: got %v, want ErrShape", in, err)
		}
	}
	if _, err := NewLab("max", Shape{32, 32, 3}, LabOptions{Classes: 3, Normalize: other}); !errors.Is(err, ErrShape) {
		t.Errorf("one mean for three channels: got %v, want ErrShape", err)
	}
}

// NormalizeBy takes the moments. A channel of one value is not divided by 0.
func TestNormalizeBy(t *testing.T) {
	l := NormalizeBy([]float64{0.5, 0.25}, []float64{0.125, 0})
	if !slices.Equal(l.Mean, []float32{0.5, 0.25}) || !slices.Equal(l.Std, []float32{0.125, 1}) {
		t.Errorf("got %v", l)
	}
}
