package page

import (
	"fmt"
	"strings"
	"testing"

	"wgpucnn/nn/report/htmltest"
)

// newSeedsRun returns a run of two networks from so many seeds.
func newSeedsRun(t *testing.T, seeds int) Run {
	t.Helper()
	one := newRun(t, "seeds", 0)
	run := one
	run.Variants, run.Summary.Variants = nil, nil
	run.Summary.Config.Recipe.Seeds = fmt.Sprintf("0-%d", seeds-1)
	for seed := range seeds {
		for i, v := range one.Summary.Variants {
			v.Network, v.Seed, v.Epochs = v.Name, uint64(seed), one.Summary.Config.Recipe.Epochs // none was stopped
			v.Name = fmt.Sprintf("%s/seed-%d", v.Network, seed)
			v.Test.Accuracy -= float64(seed%4) / 50
			run.Variants, run.Summary.Variants = append(run.Variants, one.Variants[i]), append(run.Summary.Variants, v)
		}
	}
	return run
}

// The page of several seeds shows every run as a point, and the same in tables. It has the matrices of
// each network's best run alone.
func TestRenderSeeds(t *testing.T) {
	run := newSeedsRun(t, 8)
	page := render(t, run)
	for _, want := range []string{
		"best: max, whose mean test accuracy over 8 seeds is above that of avg by more than chance",
		`aria-label="max: mean 87.00 % over 8 seeds, 95 % interval `, "<title>max, seed 1: 88.00 %</title>", "<td>90.00 88.00 86.00 84.00 90.00 88.00 86.00 84.00</td>",
		`<th scope="row">max - avg</th><td>8</td><td>&#43;10.00</td>`, "<td>0.0078</td><td>yes</td>", "Each network counts with its mean over the seeds.",
		`<a href="#network-0"><span class="swatch c0"></span>max/seed-0</a>`, `<th scope="row"><span class="swatch c1"></span>avg/seed-7</th>`,
		`<th scope="row">seed</th><td>0-7</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for text, want := range map[string]int{`<circle class="dot"`: 16, `<details id="network-`: 2, " checked><span": 2, `class="badge"`: 0, `class="interval"`: 2} {
		if got := strings.Count(page, text); got != want {
			t.Errorf("%d of %s, want %d", got, text, want)
		}
	}
	htmltest.SelfContained(t, page)
	htmltest.WellFormed(t, page)
	htmltest.WellFormed(t, render(t, run, newRun(t, "other", 0)))
	// Equal accuracies of one network have an axis too, and no pair.
	equal := newSeedsRun(t, 2)
	equal.Variants, equal.Summary.Variants = equal.Variants[:3:3], equal.Summary.Variants[:3:3]
	for i := range equal.Summary.Variants {
		equal.Summary.Variants[i].Test.Accuracy = 1
	}
	if page := render(t, equal); strings.Contains(page, "NaN") {
		t.Error("a position is NaN")
	}
}
