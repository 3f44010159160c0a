package nn

import "testing"

// An image moves into its own reflection, so it must be larger than the move.
func TestAugmentCheck(t *testing.T) {
	in := Shape{5, 7, 3}
	for _, c := range []struct {
		Augment
		in   Shape
		want string // "" for no error
	}{
		{Augment{}, in, ""},
		{Augment{Flip: FlipAlternating, Shift: 4, Cutout: 8}, in, ""},
		{Augment{Flip: FlipRandom, Cutout: 1}, Shape{1, 1, 1}, ""},
		{Augment{Flip: "sometimes"}, in, `nn: flip "sometimes": want random, alternating or nothing`},
		{Augment{Shift: 5}, in, "nn: shift of 5 pixels: want 0 to 4 for images of 5 x 7: shape mismatch"},
		{Augment{Shift: 1}, Shape{9, 1, 1}, "nn: shift of 1 pixels: want 0 to 0 for images of 9 x 1: shape mismatch"},
		{Augment{Shift: -1}, in, "nn: shift of -1 pixels: want 0 to 4 for images of 5 x 7: shape mismatch"},
		{Augment{Cutout: -1}, in, "nn: cutout of -1 pixels: want 0 to 32768"},
		{Augment{Cutout: 1 << 20}, in, "nn: cutout of 1048576 pixels: want 0 to 32768"},
		{Augment{Cutout: 1}, Shape{1, 1<<15 + 1, 1}, "nn: images of 1 x 32769: want at most 32768 pixels a side to change them at random: shape mismatch"},
	} {
		got := ""
		if err := c.Check(c.in); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v of %v: got %q, want %q", c.Augment, c.in, got, c.want)
		}
	}
}
