package verify

import (
	"fmt"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/shaders/shadertest"
)

// augmentCases are gatherings of images that change at random: every combination, odd sizes, one pixel,
// the largest moves, squares larger than the image, epochs near 2^32, and rings.
func augmentCases() []shadertest.Case {
	var cases []normalizeCase
	for _, flip := range []string{"", nn.FlipRandom, nn.FlipAlternating} {
		for _, shift := range []int{0, 2} {
			for _, cutout := range []int{0, 3} {
				a := nn.Augment{Flip: flip, Shift: shift, Cutout: cutout}
				if a == (nn.Augment{}) {
					continue
				}
				for _, in := range []nn.Shape{{7, 5, 3}, {8, 6, 1}} { // the second has whole words
					c := normalizeCase{label: "augment", in: in, count: 23, batch: 9, orders: 2, step: 7, augment: a}
					cases = append(cases, c)
					c.ring = true
					cases = append(cases, c)
				}
			}
		}
	}
	all := nn.Augment{Flip: nn.FlipAlternating, Shift: 4, Cutout: 8}
	for _, c := range []normalizeCase{
		{label: "lab augmented", in: nn.Shape{32, 32, 3}, count: 220, batch: 128, orders: 2, step: 3, augment: all},
		{label: "one pixel", in: nn.Shape{1, 1, 1}, count: 20, batch: 20, orders: 1, augment: nn.Augment{Flip: nn.FlipRandom, Cutout: 1}},
		{label: "a wide row", in: nn.Shape{1, 32768, 1}, count: 5, batch: 5, orders: 1, augment: nn.Augment{Flip: nn.FlipRandom, Cutout: 20_000}},
		{label: "a high column", in: nn.Shape{32768, 1, 1}, count: 5, batch: 5, orders: 1, augment: nn.Augment{Cutout: 20_000}},
		{label: "large moves", in: nn.Shape{300, 290, 1}, count: 5, batch: 5, orders: 1, augment: nn.Augment{Shift: 289, Cutout: 150}},
		{label: "a row", in: nn.Shape{1, 9, 2}, count: 20, batch: 20, orders: 1, augment: nn.Augment{Flip: nn.FlipRandom, Cutout: 4}},
		{label: "a column", in: nn.Shape{9, 1, 2}, count: 20, batch: 20, orders: 1, augment: nn.Augment{Flip: nn.FlipAlternating, Cutout: 4}},
		{label: "the largest moves", in: nn.Shape{5, 6, 1}, count: 60, batch: 60, orders: 1, augment: nn.Augment{Shift: 4}},
		{label: "all becomes 0", in: nn.Shape{5, 6, 1}, count: 9, batch: 9, orders: 1, augment: nn.Augment{Cutout: 12}},
	} {
		cases = append(cases, c)
	}
	for _, row := range []int{1<<16 - 3, 1<<20 - 3, 1<<32 - 7} {
		cases = append(cases, normalizeCase{label: "late rows", in: nn.Shape{6, 7, 2}, count: 6, batch: 6, orders: 2, augment: all, ring: true, first: row})
	}
	for epoch := 1<<32 - 2; epoch < 1<<32+2; epoch++ {
		cases = append(cases, normalizeCase{label: fmt.Sprint("epoch ", epoch), in: nn.Shape{6, 7, 2}, count: 11, batch: 6, orders: 2, step: 2*epoch + 1, augment: all})
	}
	return slices.Concat(shadertest.Cases(cases), shadertest.Generate(22, 60, func(r *shadertest.Draw) shadertest.Case {
		c := normalizeCase{
			in: nn.Shape{r.Between(1, 12), r.Between(1, 12), r.Between(1, 3)}, count: r.Between(1, 20), orders: r.Pick(1, 2, 4), step: r.Between(0, 50), ring: r.IntN(2) == 0,
			augment: nn.Augment{Flip: []string{"", nn.FlipRandom, nn.FlipAlternating}[r.IntN(3)], Cutout: r.Between(0, 9)},
		}
		c.augment.Shift = r.Between(0, min(c.in[0], c.in[1])-1)
		c.batch = r.Between(1, c.count)
		return c
	}))
}
