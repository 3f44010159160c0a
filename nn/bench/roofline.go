package bench

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// RooflineFormats are the formats of Roofline.
var RooflineFormats = []string{"png", "svg"}

// The measures of the roofline. keyWidth is for the list of kernels, right of the plot.
const (
	rooflineWidth  = 13.6 * vg.Inch
	rooflineHeight = 7 * vg.Inch // of the picture, or more if the list of kernels needs it
	keyWidth       = 5.9 * vg.Inch
	titleHeight    = 0.3 * vg.Inch
)

// Roofline draws the kernels below the adapter's peaks, as a picture of a format. Both axes are
// logarithmic: floating-point operations for each byte, and in a second (S. Williams, A.
// Waterman and D. Patterson, Roofline: an insightful visual performance model for multicore
// architectures, Communications of the ACM 52, 2009). A kernel that several variants share is
// one point. Kernels without counted operations have no point; the picture lists them.
func (a AdapterReport) Roofline(format string) ([]byte, error) {
	roofs, ok := a.Roofs()
	if !ok {
		return nil, fmt.Errorf("bench: roofline of %s: its peaks were not measured", a.Adapter.Name)
	}
	spots := a.spots()
	if len(spots) > maxRows {
		return nil, fmt.Errorf("bench: roofline of %d kernels: want %d or fewer", len(spots), maxRows)
	}
	height := max(rooflineHeight, 2*margin+titleHeight+lineHeight*vg.Length(len(spots)+keyHead))
	var canvas interface {
		vg.CanvasSizer
		io.WriterTo
	}
	switch format {
	case "png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(rooflineWidth, height), vgimg.UseDPI(150))}
	case "svg":
		canvas = vgsvg.New(rooflineWidth, height)
	default:
		return nil, fmt.Errorf("bench: roofline as %q: want %s", format, strings.Join(RooflineFormats, " or "))
	}
	page := draw.New(canvas)
	roofs.plot(spots).Draw(draw.Crop(page, margin, -keyWidth, margin, -margin-titleHeight))
	write(page, 12, vg.Point{X: margin, Y: height - margin}, "Roofline of "+a.Adapter.String())
	drawKey(draw.Crop(page, rooflineWidth-keyWidth+margin, -margin, 0, -margin-titleHeight), spots)

	var picture bytes.Buffer
	if _, err := canvas.WriteTo(&picture); err != nil {
		return nil, fmt.Errorf("bench: roofline: %w", err)
	}
	// The SVG names a font that many systems lack. Arial has the same widths.
	return bytes.ReplaceAll(picture.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

// spot is a kernel in the roofline.
type spot struct {
	Measurement
	kernel   string   // the name without the variant
	variants []string // that run it
	label    string   // "" for a kernel without a point
}

// intensity returns the floating-point operations for each byte.
func (s spot) intensity() float64 { return float64(s.Flops) / float64(s.Bytes) }

// rate returns the floating-point operations in a second.
func (s spot) rate() float64 { return float64(s.Flops) / s.Seconds.Median }

// spots returns the kernels, those without a point last.
func (a AdapterReport) spots() []spot {
	var spots []spot
	for _, m := range a.Measurements {
		if m.Group != Kernels || m.Perfect.Seconds <= 0 || m.Perfect.Bound == "" {
			continue
		}
		variant := m.variant()
		same := slices.IndexFunc(spots, func(s spot) bool { return m.Code != "" && s.Code == m.Code })
		if same < 0 {
			spots = append(spots, spot{Measurement: m, kernel: strings.TrimPrefix(m.Name, variant+" ")})
			same = len(spots) - 1
		}
		if s := &spots[same]; !slices.Contains(s.variants, variant) {
			s.variants = append(s.variants, variant)
		}
	}
	pointed := func(s spot) bool { return s.Flops > 0 && s.Bytes > 0 }
	slices.SortStableFunc(spots, func(a, b spot) int {
		switch {
		case pointed(a) == pointed(b):
			return 0
		case pointed(a):
			return -1
		}
		return 1
	})
	for i := range spots {
		if pointed(spots[i]) {
			spots[i].label = fmt.Sprint(i + 1)
		}
	}
	return spots
}
