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

// The lab's networks take grey images too.
func TestNewLabGrey(t *testing.T) {
	for _, in := range []Shape{{32, 32, 3}, {28, 28, 1}} {
		model, err := NewLab("max", in, LabOptions{Classes: 10})
		if err != nil {
			t.Fatal(err)
		}
		got, want := model.Modules[0].Layer.(Normalize), LabNormalizeFor(in[2])
		if !slices.Equal(got.Mean, want.Mean) || !slices.Equal(got.Std, want.Std) || model.Pooling() != "max" {
			t.Errorf("%v: got %v in %q, want %v", in, got, model.Pooling(), want)
		}
	}
	for _, in := range []Shape{{32, 32}, {32, 32, 0}, nil} {
		if _, err := NewLab("max", in, LabOptions{Classes: 3}); !errors.Is(err, ErrShape) {
			t.Errorf("%v: got %v, want ErrShape", in, err)
		}
	}
}

// NormalizeBy takes the moments. A channel of one value is not divided by 0.
func TestNormalizeBy(t *testing.T) {
	l := NormalizeBy([]float64{0.5, 0.25}, []float64{0.125, 0})
	if !slices.Equal(l.Mean, []float32{0.5, 0.25}) || !slices.Equal(l.Std, []float32{0.125, 1}) {
		t.Errorf("got %v", l)
	}
}
