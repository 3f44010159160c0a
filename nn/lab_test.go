package nn

import "testing"

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
