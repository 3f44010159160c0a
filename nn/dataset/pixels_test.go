package dataset

import (
	"strings"
	"testing"
)

// Pixels of another shape or type give an error with the Python call that converts them.
func TestPixelsIn(t *testing.T) {
	of := func(dtypeName string, shape ...int) *array {
		return &array{shape: shape, dtype: dtype{name: dtypeName}}
	}
	if a, err := pixelsIn(of("u1", 7, rowSize)); err != nil || a.shape[0] != 7 {
		t.Errorf("got %v, %v", a, err)
	}
	for _, c := range []struct {
		value any
		want  string
	}{
		{"text", `data is not a numpy array: pickle numpy.array(data, "uint8") instead`},
		{of("u1", 7, 3, 32, 32), `data is of shape (7, 3, 32, 32) and type uint8: want (N, 3072) and uint8: pickle data.reshape(-1, 3072)`},
		{of("u1", 7, 32, 32, 3), "pickle data.transpose(0, 3, 1, 2).reshape(-1, 3072)"},
		{of("i8", 7, 32, 32, 3), `pickle data.transpose(0, 3, 1, 2).reshape(-1, 3072).astype("uint8")`},
		{of("i8", 7, rowSize), `data is of shape (7, 3072) and type int64: want (N, 3072) and uint8: pickle data.astype("uint8")`},
		{of("f4", 7, rowSize), `pickle data.round().astype("uint8"), of 255 * data if the values end at 1`},
		{of("u1", 21504), "data is of shape (21504,): want (N, 3072)"},
		{of("u1", 7, 784), "data is of shape (7, 784): want (N, 3072)"},
	} {
		if _, err := pixelsIn(c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// numpy pickles a row of an array that it maps from a file as a memmap.
func TestMemmap(t *testing.T) {
	var p pickler
	p.raw("\x80\x02")
	p.array("u1", 1, rowSize, false, planes(1))
	p.raw(".")
	file := strings.NewReader(strings.Replace(string(p), "cnumpy\nndarray\n", "cnumpy\nmemmap\n", 1))
	value, err := load(file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pixelsIn(value); err != nil {
		t.Error(err)
	}
}
