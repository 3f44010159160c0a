package report

import (
	"math"
	"slices"

	"wgpucnn/nn/stats"
)

// level is the probability below which a difference counts as more than chance.
const level = 0.05

// SeedTest names the test of Pair.P.
const SeedTest = "exact sign-flip test of paired seeds, Holm's correction"

// Network is a network that was trained from several seeds.
type Network struct {
	Name     string
	Variants []int        // its runs, as indices of Summary.Variants
	Best     int          // the best run, or -1 if all diverged
	Accuracy stats.Sample // over the runs, on the rows by which networks are compared
}

// Networks returns the networks of a run of several seeds, in the order of their first variants. It
// returns nil for a run of one seed: nothing can be said about chance then. A training that was stopped
// does not count.
func (s Summary) Networks() []Network {
	var all []Network
	for i, v := range s.Variants {
		if s.unfinished(v) {
			continue
		}
		at := slices.IndexFunc(all, func(n Network) bool { return n.Name == v.Network })
		if at < 0 {
			at = len(all)
			all = append(all, Network{Name: v.Network})
		}
		all[at].Variants = append(all[at].Variants, i)
	}
	if len(all) == 0 || all[0].Name == "" || !slices.ContainsFunc(all, func(n Network) bool { return len(n.Variants) > 1 }) {
		return nil
	}
	for i, n := range all {
		var accuracies []float64
		for _, v := range n.Variants {
			accuracies = append(accuracies, s.decisive(s.Variants[v]).Accuracy)
		}
		all[i].Accuracy, all[i].Best = stats.NewSample(accuracies), s.bestOf(n.Variants)
	}
	return all
}

// unfinished tells whether a training was stopped before its last epoch. One that diverged ended by itself.
func (s Summary) unfinished(v Variant) bool {
	return v.Epochs < s.Config.Recipe.Epochs && !v.Stalled && finite(v.Train.Loss)
}

// Pair compares two networks over the seeds that both were trained from. A training that diverged
// counts with the accuracy that it has.
type Pair struct {
	A, B       string
	Difference stats.Sample // of the accuracies, A - B, by seed
	P          float64      // of stats.SignFlip
	Adjusted   float64      // by stats.Holm over all pairs
}

// Differ tells whether the difference is more than chance.
func (p Pair) Differ() bool { return p.Adjusted < level }

// of returns the pair with a network as A, and whether the network is one of the two.
func (p Pair) of(name string) (Pair, bool) {
	if p.B == name {
		d := p.Difference
		d.Mean, d.Low, d.High = -d.Mean, -d.High, -d.Low
		p.A, p.B, p.Difference = p.B, p.A, d
	}
	return p, p.A == name
}

// Pairs returns a comparison of each pair of networks that have a seed in common. It returns nil for a
// run of one seed.
//
// The seed decides the initial weights and the order of the rows. The pictures are the same for every
// seed, so a difference that is more than chance is one on these pictures.
func (s Summary) Pairs() []Pair {
	networks := s.Networks()
	var pairs []Pair
	var ps []float64
	for i, a := range networks {
		for _, b := range networks[i+1:] {
			if p, ok := s.pair(a, b); ok {
				pairs, ps = append(pairs, p), append(ps, p.P)
			}
		}
	}
	for i, adjusted := range stats.Holm(ps) {
		pairs[i].Adjusted = adjusted
	}
	return pairs
}

// pair compares two networks. It returns false if they have no seed in common.
func (s Summary) pair(a, b Network) (Pair, bool) {
	var differences []float64
	var rows []int // the same in rows that are right
	for _, i := range a.Variants {
		for _, j := range b.Variants {
			if s.Variants[i].Seed == s.Variants[j].Seed {
				d := s.decisive(s.Variants[i]).Accuracy - s.decisive(s.Variants[j]).Accuracy
				differences, rows = append(differences, d), append(rows, int(math.Round(d*float64(s.decisiveRows()))))
			}
		}
	}
	if differences == nil {
		return Pair{}, false
	}
	return Pair{A: a.Name, B: b.Name, Difference: stats.NewSample(differences), P: stats.SignFlip(rows)}, true
}

// leastSeeds returns the number of seeds below which no pair of so many can differ by more than chance:
// the smallest p-value of n seeds is 2^(1-n).
func leastSeeds(pairs int) int {
	n := 1
	for float64(pairs)*math.Ldexp(1, 1-n) >= level {
		n++
	}
	return n
}

// leader returns the index of the network with the highest mean accuracy.
func leader(networks []Network) int {
	best := 0
	for i, n := range networks {
		if n.Accuracy.Mean > networks[best].Accuracy.Mean {
			best = i
		}
	}
	return best
}

// notBelow returns the other networks whose mean is not lower than the leader's by more than chance.
func notBelow(networks []Network, pairs []Pair) []string {
	name := networks[leader(networks)].Name
	var names []string
	for _, n := range networks {
		if n.Name == name {
			continue
		}
		lower := slices.ContainsFunc(pairs, func(p Pair) bool {
			p, ok := p.of(name)
			return ok && p.B == n.Name && p.Differ() && p.Difference.Mean > 0
		})
		if !lower {
			names = append(names, n.Name)
		}
	}
	return names
}
