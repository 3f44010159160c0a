package main

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/stats"
)

// comparison is what two trainings differ in.
type comparison struct {
	first string  // the first value that differs, with both values; "" if all are equal to the last bit
	worst float64 // the greatest difference, as a share of the greatest value of its tensor or column
	place string  // of the greatest difference
}

// add compares the values of a tensor or a column. A zero has a sign. place names a value by its index.
func (c *comparison) add(got, want []float64, place func(int) string) {
	if len(got) != len(want) {
		c.differ(fmt.Sprintf("%s: %d values, want %d", place(0), len(got), len(want)), math.Inf(1), place(0))
		return
	}
	greatest := 0.0
	for _, v := range want {
		greatest = max(greatest, math.Abs(v))
	}
	for i, v := range got {
		if math.Float64bits(v) == math.Float64bits(want[i]) {
			continue
		}
		share := math.Abs(v-want[i]) / greatest
		if v == want[i] {
			share = 0
		} else if math.IsNaN(share) {
			share = math.Inf(1)
		}
		c.differ(fmt.Sprintf("%s is %.9g, want %.9g", place(i), want[i], v), share, place(i))
	}
}

func (c *comparison) differ(what string, share float64, place string) {
	if c.first == "" {
		c.first = what
	}
	if share > c.worst {
		c.worst, c.place = share, place
	}
}

// states compares the tensors of two states. prefix stands before their names.
func (c *comparison) states(got, want nn.StateDict, prefix string) {
	if len(got) != len(want) {
		c.differ(fmt.Sprintf("%s%d tensors, want %d", prefix, len(want), len(got)), math.Inf(1), prefix)
		return
	}
	for i, t := range want {
		c.add(doubles(got[i].Data), doubles(t.Data), func(k int) string { return fmt.Sprintf("%s%s[%d]", prefix, t.Name, k) })
	}
}

// figures compares the figures of epochs, which begin with the same one.
func (c *comparison) figures(got, want []stats.Epoch) {
	for i, name := range []string{"train loss", "train accuracy", "evaluation loss", "evaluation accuracy"} {
		for k, part := range []string{"mean", "25th percentile", "75th percentile"} {
			column := func(epochs []stats.Epoch) []float64 {
				var values []float64
				for _, e := range epochs {
					s := []stats.Spread{e.TrainLoss, e.TrainAccuracy, e.TestLoss, e.TestAccuracy}[i]
					values = append(values, []float64{s.Mean, s.P25, s.P75}[k])
				}
				return values
			}
			c.add(column(got), column(want), func(at int) string {
				if at >= len(want) {
					return name
				}
				return fmt.Sprintf("%s of epoch %d (%s)", name, want[at].Epoch, part)
			})
		}
	}
}

// compareCheckpoints compares what a training came to with a checkpoint of the run: weights and running
// statistics, the optimiser's state, the weights of the best epoch, and the figures of the epochs after
// some.
func compareCheckpoints(got, want *modelfile.Checkpoint, after int) comparison {
	var c comparison
	c.states(got.Model.State, want.Model.State, "")
	for _, slot := range slices.Sorted(maps.Keys(want.Slots)) {
		c.states(got.Slots[slot], want.Slots[slot], slot+".")
	}
	if want.BestEpoch > after {
		c.states(got.Best, want.Best, "best.")
	}
	c.figures(got.Epochs[after:], want.Epochs[after:])
	return c
}

// doubles returns values in float64, exactly.
func doubles(values []float32) []float64 {
	all := make([]float64, len(values))
	for i, v := range values {
		all[i] = float64(v)
	}
	return all
}
