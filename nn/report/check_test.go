package report

import (
	"fmt"
	"strings"
	"testing"
)

// A run has as many networks as can be compared, and trains each from a seed once.
func TestSummaryCheck(t *testing.T) {
	networks := func(count int) []Variant {
		var all []Variant
		for i := range count {
			all = append(all, Variant{Name: fmt.Sprintf("net%d/seed-1", i), Network: fmt.Sprint("net", i), Seed: 1})
		}
		return all
	}
	for name, c := range map[string]struct {
		variants []Variant
		want     string
	}{
		"as many as may be": {networks(MaxNetworks), ""},
		"too many":          {networks(MaxNetworks + 1), `report: variant "net100/seed-1": the run has more than 100 networks`},
		"twice from a seed": {append(networks(2), Variant{Name: "other", Network: "net0", Seed: 1}), `report: variant "other": another variant has the same network "net0" and seed 1`},
		"from two seeds":    {append(networks(2), Variant{Name: "other", Network: "net0", Seed: 2}), ""},
		"a long name":       {[]Variant{{Name: strings.Repeat("a", 200)}}, `report: variant "` + strings.Repeat("a", 60) + `": a name of 200 bytes: want 128 or fewer`},
	} {
		err := Summary{Variants: c.variants}.Check()
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if err := labRun(0.1).Check(); err != nil {
		t.Error(err)
	}
}
