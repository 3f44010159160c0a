package report

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// seedsRun returns a run of several seeds. right are the rows of 300 that each network has right, by
// seed.
func seedsRun(right map[string][]int) Summary {
	s := Summary{Config: Config{Classes: []Class{{"a", 0, 0, 150}, {"b", 0, 0, 150}}}}
	for seed := range 20 {
		for _, name := range []string{"max", "avg", "base"} {
			if seed < len(right[name]) {
				accuracy := float64(right[name][seed]) / 300
				s.Variants = append(s.Variants, Variant{Name: name + "/seed-" + string(rune('0'+seed)), Network: name, Seed: uint64(seed), Test: Score{1 - accuracy, accuracy}})
			}
		}
	}
	return s
}

// plus returns values with differences added.
func plus(values []int, differences ...int) []int {
	sum := slices.Clone(values)
	for i := range sum {
		sum[i] += differences[i]
	}
	return sum
}

var tenRuns = []int{200, 210, 190, 205, 195, 208, 202, 199, 201, 207}

// Two networks of ten seeds. What scipy 1.17.1 gives for permutation_test and ttest_1samp of the
// differences.
func TestPairs(t *testing.T) {
	s := seedsRun(map[string][]int{"max": plus(tenRuns, 4, -1, 7, 3, 2, 9, -2, 5, 6, 1), "avg": tenRuns})
	pairs := s.Pairs()
	if len(pairs) != 1 {
		t.Fatalf("%d pairs, want 1", len(pairs))
	}
	p := pairs[0]
	if p.A != "max" || p.B != "avg" || p.Difference.N != 10 || p.P != 0.021484375 || p.Adjusted != p.P || !p.Differ() {
		t.Errorf("got %+v", p)
	}
	for _, c := range [][2]float64{{p.Difference.Mean, 3.4}, {p.Difference.Low, 0.8945481773105843}, {p.Difference.High, 5.9054518226894155}} {
		if got, want := 300*c[0], c[1]; !(math.Abs(got-want) < 1e-10) {
			t.Errorf("got %v rows, want %v", got, want)
		}
	}
}

// A network is called best only if the test says so of every other one.
func TestSeedsChoice(t *testing.T) {
	above := plus(tenRuns, 4, 3, 7, 3, 2, 9, 2, 5, 6, 1)
	chance := plus(tenRuns, 4, -3, 7, -3, 2, -9, 2, -5, 6, 1)
	for _, c := range []struct {
		name    string
		right   map[string][]int
		choice  string
		caution string
		best    string // in JSON
		near    []string
	}{
		{"supported", map[string][]int{"max": above, "avg": tenRuns},
			"best: max, whose mean test accuracy over 10 seeds is above that of avg by more than chance: the difference to avg is +1.40 points, 95 % interval +0.80 to +2.00, p = 0.002 (exact sign-flip test of paired seeds, Holm's correction)",
			"The networks were compared by test accuracy, which makes the best one's an optimistic estimate.", "max", []string{}},
		{"one of two", map[string][]int{"max": chance, "avg": tenRuns, "base": plus(tenRuns, -9, -9, -9, -9, -9, -9, -9, -9, -9, -9)},
			"no network is called best: 10 seeds cannot tell max, the highest mean test accuracy, from avg: the difference to avg is +0.07 points, 95 % interval -1.15 to +1.28, p = 0.95 (exact sign-flip test of paired seeds, Holm's correction)",
			"", "", []string{"avg"}},
		{"few seeds", map[string][]int{"max": {290, 291, 292}, "avg": {100, 100, 100}, "base": {80, 81, 82}},
			"no network is called best: 3 seeds cannot tell max, the highest mean test accuracy, from avg, base: the difference to avg is +63.67 points, 95 % interval +62.84 to +64.49, p = 0.75 (exact sign-flip test of paired seeds, Holm's correction)",
			"This test needs 7 seeds or more to tell 3 networks apart.", "", []string{"avg", "base"}},
		{"one network", map[string][]int{"max": {290, 285}}, "max: mean test accuracy 95.83 % over 2 seeds, 95 % interval 85.24 to 100.00", "", "max", []string{}},
	} {
		s := seedsRun(c.right)
		if got := s.Choice(); got != c.choice {
			t.Errorf("%s: got %q, want %q", c.name, got, c.choice)
		}
		if got := s.Caution(); got != c.caution {
			t.Errorf("%s: caution %q, want %q", c.name, got, c.caution)
		}
		text, err := json.Marshal(s)
		var page struct {
			Best         string
			NotToldApart []string `json:"not_told_apart"`
			Networks     []struct {
				Network    string
				Seeds      []int
				Accuracies []float64
			}
			Variants []struct{ Seed *int }
		}
		if err == nil {
			err = json.Unmarshal(text, &page)
		}
		if err != nil || page.Best != c.best || !slices.Equal(page.NotToldApart, c.near) {
			t.Errorf("%s: JSON has best %q and not told apart %q, %v; want %q and %q", c.name, page.Best, page.NotToldApart, err, c.best, c.near)
		}
		if n := page.Networks[0]; n.Network != "max" || len(n.Seeds) != len(c.right["max"]) || len(n.Accuracies) != len(n.Seeds) || n.Seeds[1] != 1 || *page.Variants[0].Seed != 0 {
			t.Errorf("%s: networks %+v", c.name, page.Networks)
		}
		var again Summary
		if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("%s: came back as %+v, %v", c.name, again, err)
		}
	}
}

// best/ is a run of the network with the highest mean, though another run is higher.
func TestSeedsBest(t *testing.T) {
	s := seedsRun(map[string][]int{"max": {200, 260, 250}, "avg": {100, 299, 120}})
	if best := s.Variants[s.Best()].Name; best != "max/seed-1" {
		t.Errorf("got %s", best)
	}
	one := seedsRun(map[string][]int{"max": {200}, "avg": {210}})
	if one.Networks() != nil || one.Pairs() != nil || !strings.Contains(one.Choice(), "best: avg/seed-0, chosen by test accuracy") {
		t.Errorf("a run of one seed: %v, %v, %q", one.Networks(), one.Pairs(), one.Choice())
	}
}

// A network that has the highest mean over its own seeds, but is below another over the seeds that both
// have, is not called best.
func TestSeedsChoiceOfOtherSeeds(t *testing.T) {
	s := seedsRun(map[string][]int{"max": {100, 100, 100, 100, 100, 100, 100, 300, 300, 300, 300, 300, 300, 300, 300}, "avg": {150, 151, 152, 153, 154, 155, 156}})
	if got := s.Choice(); !strings.HasPrefix(got, "no network is called best: 15 seeds cannot tell max") || !strings.Contains(got, "the difference to avg is -17.67 points") {
		t.Errorf("got %q", got)
	}
}

// Networks are compared over the seeds that they have in common.
func TestPairsOfSomeSeeds(t *testing.T) {
	s := seedsRun(map[string][]int{"max": {200, 210, 220}, "avg": {190}, "base": nil})
	pairs := s.Pairs()
	if len(pairs) != 1 || pairs[0].Difference.N != 1 || pairs[0].P != 1 {
		t.Errorf("got %+v", pairs)
	}
	if rows := s.PairRows(); rows[1][3] != "-" || rows[1][5] != "no" {
		t.Errorf("got %q", rows[1])
	}
}

func TestSeedTables(t *testing.T) {
	s := seedsRun(map[string][]int{"max": {240, 246, 252}, "avg": {240, 240, 240}})
	want := `network  parameters  mult-adds  seeds  test acc  deviation   95 % interval          every run
max               0     0.00 M      3     82.00       2.00  77.03 to 86.97  80.00 82.00 84.00
avg               0     0.00 M      3     80.00       0.00  80.00 to 80.00  80.00 80.00 80.00

differences in percentage points, p by the exact sign-flip test of paired seeds, Holm's correction:
pair       seeds  difference   95 % interval    p  more than chance
max - avg      3       +2.00  -2.97 to +6.97  0.5                no
`
	if got := s.SeedTables(0); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for columns, head := range map[int]string{80: "network  parameters  mult-adds  seeds  test acc  deviation   95 % interval", 60: "network  seeds  test acc  deviation   95 % interval"} {
		if got, _, _ := strings.Cut(s.SeedTables(columns), "\n"); got != head {
			t.Errorf("%d columns: got %q, want %q", columns, got, head)
		}
	}
	page := s.Markdown()
	for _, want := range []string{"| max | 0 | 0.00 M | 3 | 82.00 | 2.00 | 77.03 to 86.97 | 80.00 82.00 84.00 |", "| max - avg | 3 | +2.00 |", "| max/seed-2 |", SeedsNote, "seed 0"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

// A training that was stopped is no run to compare. One that diverged, or that --patience ended, is.
func TestSeedsUnfinished(t *testing.T) {
	s := seedsRun(map[string][]int{"max": tenRuns[:4]})
	s.Config.Recipe.Epochs = 9
	for i := range s.Variants {
		s.Variants[i].Epochs = 9
	}
	s.Variants[1].Epochs = 3
	s.Variants[2].Epochs, s.Variants[2].Stalled = 3, true
	s.Variants[3].Epochs, s.Variants[3].Train.Loss = 3, math.NaN()
	if got := s.Networks(); len(got) != 1 || !slices.Equal(got[0].Variants, []int{0, 2, 3}) || got[0].Accuracy.N != 3 {
		t.Errorf("got %+v, want the runs 0, 2 and 3", got)
	}
}

// Student's interval of an accuracy ends at 100 %.
func TestSeedsInterval(t *testing.T) {
	s := seedsRun(map[string][]int{"max": {300, 250}})
	if got := s.SeedRows()[1][6]; got != "0.00 to 100.00" {
		t.Errorf("got %s", got)
	}
}
