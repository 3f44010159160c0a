package nn

import (
	"fmt"

	"wgpucnn/shaders"
)

// Augment says how the images of training steps change at random: they are mirrored, then moved, then
// lose a square. The change of an image depends on the seed, the epoch and the number of its row alone.
// The zero value changes nothing. shaders/parts/augment.wgsl has the definition.
type Augment struct {
	Flip   string // FlipRandom, FlipAlternating, or "" for none
	Shift  int    // pixels by which an image moves at most, up, down, left and right
	Cutout int    // side of the square that becomes 0 after normalisation
}

// How images are mirrored, left to right.
const (
	FlipRandom      = "random"      // each epoch draws anew
	FlipAlternating = "alternating" // every other epoch; the first one is drawn
)

// mostAugmented is the longest side of an image that can change: random numbers of 16 bits choose a
// pixel or a move.
const mostAugmented = 1 << 15

// Check returns an error if images of shape in (H, W, C) cannot change in this way. An image is moved
// into its own reflection, which must have the pixels for that.
func (a Augment) Check(in Shape) error {
	least, most := min(in[0], in[1]), max(in[0], in[1])
	switch {
	case a == Augment{}:
		return nil
	case a.Flip != "" && a.Flip != FlipRandom && a.Flip != FlipAlternating:
		return fmt.Errorf("nn: flip %q: want %s, %s or nothing", a.Flip, FlipRandom, FlipAlternating)
	case a.Shift < 0 || a.Shift >= least:
		return fmt.Errorf("nn: shift of %d pixels: want 0 to %d for images of %d x %d: %w", a.Shift, least-1, in[0], in[1], ErrShape)
	case a.Cutout < 0 || a.Cutout > mostAugmented:
		return fmt.Errorf("nn: cutout of %d pixels: want 0 to %d", a.Cutout, mostAugmented)
	case most > mostAugmented:
		return fmt.Errorf("nn: images of %d x %d: want at most %d pixels a side to change them at random: %w", in[0], in[1], mostAugmented, ErrShape)
	}
	return nil
}

// augment returns the constants of gathering that say how images of shape maps (C, H, W) change.
func (s Step) augment(maps Shape) shaders.Constants {
	a := s.Source.Augment
	if !s.Training || a == (Augment{}) {
		return shaders.Constants{{Name: "AUGMENT", Value: false}}
	}
	return shaders.Constants{
		{Name: "AUGMENT", Value: true}, {Name: "NUMBERED", Value: s.Source.Slots > 0}, {Name: "NUMBERS", Value: s.Source.Numbers.Offset / 4},
		{Name: "FLIP_RANDOM", Value: a.Flip == FlipRandom}, {Name: "FLIP_ALTERNATES", Value: a.Flip == FlipAlternating},
		{Name: "SHIFT", Value: a.Shift}, {Name: "CUTOUT", Value: a.Cutout}, {Name: "IMAGE_HEIGHT", Value: maps[1]}, {Name: "IMAGE_WIDTH", Value: maps[2]},
	}
}
