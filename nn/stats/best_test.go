package stats

import (
	"math"
	"testing"
)

func TestBest(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		figures [][2]float64 // loss and accuracy
		best    int
		stalled []bool // for a patience of 0, 1, 2 and 3
	}{
		"none":       {nil, 0, []bool{false, false, false, false}},
		"last":       {[][2]float64{{1, 0.5}, {1, 0.6}}, 2, []bool{false, false, false, false}},
		"accuracy":   {[][2]float64{{1, 0.5}, {2, 0.6}, {0.5, 0.5}}, 2, []bool{false, true, false, false}},
		"lower loss": {[][2]float64{{1, 0.5}, {0.5, 0.5}, {0.7, 0.5}, {0.6, 0.5}}, 2, []bool{false, true, true, false}},
		"earlier":    {[][2]float64{{1, 0.5}, {1, 0.5}, {1, 0.5}}, 1, []bool{false, true, true, false}},
		"diverged":   {[][2]float64{{nan, 0.9}, {1, 0.5}, {math.Inf(1), 0.9}}, 2, []bool{false, true, false, false}},
		"all so":     {[][2]float64{{nan, 0.9}}, 0, []bool{false, true, false, false}},
	} {
		var epochs []Epoch
		for i, f := range c.figures {
			epochs = append(epochs, Epoch{Epoch: i + 1, TestLoss: Spread{Mean: f[0]}, TestAccuracy: Spread{Mean: f[1]}})
		}
		if got := Best(epochs); got != c.best {
			t.Errorf("%s: epoch %d, want %d", name, got, c.best)
		}
		for patience, want := range c.stalled {
			if got := Stalled(epochs, patience); got != want {
				t.Errorf("%s: stalled for %d epochs: %v, want %v", name, patience, got, want)
			}
		}
	}
}
