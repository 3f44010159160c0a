package picture

import (
	"errors"
	"os"
	"testing"

	"wgpucnn/nn"
)

// A picture that is cropped and resized says so, and becomes a set of one image.
func TestLoad(t *testing.T) {
	p, err := Load("../internal/raster/testdata/photo.png", nn.Shape{8, 8, 1})
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != 1 || p.Height != 8 || p.Width != 8 || p.Channels != 1 || len(p.Pixels) != 64 {
		t.Errorf("got %d images of %d x %d x %d in %d bytes", p.Len(), p.Height, p.Width, p.Channels, len(p.Pixels))
	}
	if !p.Cropped || !p.Resized || !p.Greyed || p.Turned || p.Composited || p.Animated || p.Rounded || p.Inks {
		t.Errorf("got %+v, want cropped, resized and greyed", p)
	}
	if _, err := Load("nowhere.png", nn.Shape{8, 8, 1}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	for _, in := range []nn.Shape{{2, 3, 4}, {2, 3}, {0, 3, 3}} {
		if _, err := Load("../testdata/apple.png", in); !errors.Is(err, nn.ErrShape) {
			t.Errorf("%v: got %v, want ErrShape", in, err)
		}
	}
}
