package report

import "wgpucnn/nn/stats"

// Seeds is how the networks of a run of several seeds compare, as JSON has it.
type Seeds struct {
	HighestMean string        `json:"highest_mean"` // name of a network
	Networks    []networkJSON `json:"networks"`
	Test        string        `json:"test"` // of the pairs
	Pairs       []pairJSON    `json:"pairs"`

	notBelow []string
}

// networkJSON is a network over its seeds. Numbers that are not known are null.
type networkJSON struct {
	Name       string    `json:"network"`
	Seeds      []uint64  `json:"seeds"`
	Accuracies []float64 `json:"accuracies"` // of the seeds
	sampleJSON
}

// pairJSON is a Pair.
type pairJSON struct {
	A     string `json:"a"`
	B     string `json:"b"`
	Seeds int    `json:"seeds"` // that both have
	sampleJSON
	P        float64 `json:"p"`
	Adjusted float64 `json:"p_holm"`
	Differ   bool    `json:"more_than_chance"`
}

// sampleJSON is a stats.Sample.
type sampleJSON struct {
	Mean      float64     `json:"mean"`
	Deviation *float64    `json:"deviation"`
	Interval  *[2]float64 `json:"mean_95"`
}

func newSampleJSON(s stats.Sample) sampleJSON {
	page := sampleJSON{Mean: s.Mean, Deviation: orNull(s.Deviation)}
	if finite(s.Low) && finite(s.High) {
		page.Interval = &[2]float64{s.Low, s.High}
	}
	return page
}

// Seeds returns nil for a run of one seed.
func (s Summary) Seeds() *Seeds {
	networks, pairs := s.Networks(), s.Pairs()
	if networks == nil {
		return nil
	}
	page := &Seeds{HighestMean: networks[leader(networks)].Name, Test: SeedTest, Pairs: []pairJSON{}, notBelow: notBelow(networks, pairs)}
	for _, n := range networks {
		each := networkJSON{Name: n.Name, sampleJSON: newSampleJSON(n.Accuracy)}
		for _, i := range n.Variants {
			each.Seeds, each.Accuracies = append(each.Seeds, s.Variants[i].Seed), append(each.Accuracies, s.decisive(s.Variants[i]).Accuracy)
		}
		page.Networks = append(page.Networks, each)
	}
	for _, p := range pairs {
		page.Pairs = append(page.Pairs, pairJSON{p.A, p.B, p.Difference.N, newSampleJSON(p.Difference), p.P, p.Adjusted, p.Differ()})
	}
	return page
}
