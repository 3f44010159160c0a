package page

import (
	"slices"
	"strconv"

	"wgpucnn/nn/report"
)

// paired compares networks row by row on the same test rows. The reference is the best network
// of the first run.
type paired struct {
	With  series // the reference
	Count string // number of test rows
	Rows  []pairedRow
}

type pairedRow struct {
	Series     series
	With, Self string // rows that only With predicts right, and rows that only Series does
	P          string // p-value of McNemar's exact test
}

// newPaired returns a comparison for each data set on which several networks have left their
// predictions.
func newPaired(runs []Run, all []series) []paired {
	type network struct {
		series
		data string // of its test rows
		test *Set
		best bool
	}
	var networks []network
	for _, r := range runs {
		best := r.Summary.Best()
		for i, v := range r.Variants {
			s := all[0]
			all = all[1:]
			if test := v.Evaluation.test(); test != nil && s.Detailed && r.DataSHA256 != "" {
				networks = append(networks, network{s, r.DataSHA256, test, i == best})
			}
		}
	}
	var tables []paired
	for len(networks) > 0 {
		same := func(n network) bool {
			return n.data == networks[0].data && slices.Equal(n.test.Labels, networks[0].test.Labels)
		}
		group := slices.DeleteFunc(slices.Clone(networks), func(n network) bool { return !same(n) })
		networks = slices.DeleteFunc(slices.Clone(networks), same)
		with := group[max(slices.IndexFunc(group, func(n network) bool { return n.best }), 0)]
		table := paired{With: with.series, Count: report.Thousands(len(with.test.Labels))}
		for _, n := range group {
			if n.Index != with.Index {
				table.Rows = append(table.Rows, comparePair(n.series, with.test, n.test))
			}
		}
		if table.Rows != nil {
			tables = append(tables, table)
		}
	}
	return tables
}

// comparePair compares the predictions of a network, self, with those of the reference, with.
func comparePair(s series, with, self *Set) pairedRow {
	var onlyWith, onlySelf int
	for i, label := range self.Labels {
		switch a, b := with.Predicted[i] == int(label), self.Predicted[i] == int(label); {
		case a && !b:
			onlyWith++
		case b && !a:
			onlySelf++
		}
	}
	return pairedRow{s, report.Thousands(onlyWith), report.Thousands(onlySelf), probability(report.McNemar(onlyWith, onlySelf))}
}

// probability formats a p-value with two digits.
func probability(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}
