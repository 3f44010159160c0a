package main

import (
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// augmentation are the values of the flags that say how training pictures change at random.
type augmentation struct {
	flip          string
	shift, cutout int
}

func augmentFlags(flags *pflag.FlagSet, a *augmentation) {
	flags.StringVar(&a.flip, "flip", "none", "`how` training pictures are mirrored: none, random or alternating")
	flags.IntVar(&a.shift, "shift", 0, "`pixels` by which training pictures move at most, to each side")
	flags.IntVar(&a.cutout, "cutout", 0, "side in `pixels` of a square that is cut out of training pictures")
}

// changes returns how pictures change.
func (a augmentation) changes() nn.Augment {
	changes := nn.Augment{Flip: a.flip, Shift: a.shift, Cutout: a.cutout}
	if a.flip == "none" {
		changes.Flip = ""
	}
	return changes
}

// check returns a usage error for values that are wrong for all data.
func (a augmentation) check() error {
	if choices := choose.Choices["flip"]; !slices.Contains(choices, a.flip) {
		return fail.Usagef("train: --flip %s: want one of %s", a.flip, strings.Join(choices, ", "))
	}
	for _, n := range []struct {
		flag  string
		value int
	}{{"shift", a.shift}, {"cutout", a.cutout}} {
		if most := 1 << 15; n.value < 0 || n.value > most {
			return fail.Usagef("train: --%s %d: want 0 to %d", n.flag, n.value, most)
		}
	}
	return nil
}

// fits returns a usage error if pictures of that size cannot move so far.
func (a augmentation) fits(height, width int) error {
	if least := min(height, width); a.shift >= least {
		return fail.Usagef("train: --shift %d: want 0 to %d for pictures of %d x %d", a.shift, least-1, width, height)
	}
	return nil
}

// describe writes the changes into a recipe.
func (a augmentation) describe(r *report.Recipe) {
	changes := a.changes()
	r.Flip, r.Shift, r.Cutout = changes.Flip, changes.Shift, changes.Cutout
}
