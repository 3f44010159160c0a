package page

import (
	"image"
	"image/color"
	"math"

	"wgpucnn/nn"
)

// The filters of a picture, at most, and those side by side.
const (
	mostFilters = 64
	filtersWide = 8
)

// filters is a picture of a network's first convolution.
type filters struct {
	PNG           []byte
	Layer         string // "conv1"
	Count, Shown  int
	Width, Height int // of the picture, in pixels, a weight each
}

// newFilters draws the weights of the first convolution, each filter a small picture, its
// three input channels as red, green and blue: 0 is grey, and the scale is one for all.
// It returns nil where that convolution has other than one or three input channels.
func newFilters(model *nn.Model) (*filters, error) {
	for _, module := range model.Modules {
		conv, ok := module.Layer.(nn.Conv2d)
		if !ok {
			continue
		}
		if conv.In != 1 && conv.In != 3 {
			return nil, nil
		}
		for _, tensor := range model.State {
			if tensor.Name == module.Name+".weight" {
				return drawFilters(module.Name, conv, tensor.Data)
			}
		}
	}
	return nil, nil
}

// drawFilters draws weights w (Out, In, Kernel, Kernel), with a gap of a pixel between filters.
func drawFilters(name string, conv nn.Conv2d, w []float32) (*filters, error) {
	f := &filters{Layer: name, Count: conv.Out, Shown: min(conv.Out, mostFilters)}
	k := conv.Kernel
	columns := min(f.Shown, filtersWide)
	rows := (f.Shown + columns - 1) / columns
	f.Width, f.Height = columns*(k+1)-1, rows*(k+1)-1
	most := 0.0
	for _, v := range w {
		most = max(most, math.Abs(float64(v)))
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	for o := range f.Shown {
		for i := range k * k {
			at := func(channel int) uint8 {
				v := float64(w[(o*conv.In+min(channel, conv.In-1))*k*k+i])
				return uint8(math.Round(127.5 + 127.5*v/max(most, math.SmallestNonzeroFloat64)))
			}
			canvas.SetNRGBA(o%columns*(k+1)+i%k, o/columns*(k+1)+i/k, color.NRGBA{at(0), at(1), at(2), 255})
		}
	}
	var err error
	f.PNG, err = encode(canvas)
	return f, err
}
