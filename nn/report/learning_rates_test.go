package report

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"testing"
)

// The picture has the curves in their colours, and dots at the suggestions. It needs no curve.
func TestLearningRates(t *testing.T) {
	var rates, falling, rising []float64
	for i := range 50 {
		rates = append(rates, math.Pow(10, float64(i)/10-5))
		falling, rising = append(falling, 1-float64(i)/60), append(rising, math.Pow(1.3, float64(i)))
	}
	inks := func(curves ...RateCurve) map[color.NRGBA]int {
		data, err := LearningRates("weights of 木", curves)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(data))
		if err != nil || picture.Bounds().Dx() != 1500 || picture.Bounds().Dy() != 900 {
			t.Fatalf("%v, %v", picture.Bounds(), err)
		}
		count := map[color.NRGBA]int{}
		for y := range 900 {
			for x := range 1500 {
				count[color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)]++
			}
		}
		return count
	}
	plain := inks(RateCurve{"max", rates, falling, 0}, RateCurve{"avg", rates, rising, 0})
	dotted := inks(RateCurve{"max", rates, falling, rates[20]}, RateCurve{"avg", rates, rising, 0})
	for i, c := range rateColors[:2] {
		if plain[c] < 200 {
			t.Errorf("curve %d has %d pixels of its colour", i, plain[c])
		}
	}
	if dotted[trainColor] <= plain[trainColor] {
		t.Errorf("%d pixels of the first curve's colour with a dot, %d without", dotted[trainColor], plain[trainColor])
	}
	inks()
	inks(RateCurve{Name: "none"}, RateCurve{"one", rates[:1], falling[:1], 0})
}
