package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// repeats are the values of the flags that train each network several times.
type repeats struct {
	seed  uint64
	seeds string // a list such as "0-9" or "1,5,7", "" for seed alone
	shard string // such as "2/10", "" for the whole list
	jobs  int    // variants that are trained at once
}

// mostSeeds bounds a list of seeds.
const mostSeeds = 1000

func repeatsFlags(flags *pflag.FlagSet, r *repeats) {
	flags.Uint64Var(&r.seed, "seed", 0, "seed of initial weights, order of rows, held-out rows and --split")
	flags.StringVar(&r.seeds, "seeds", "", "`list` of seeds to train each network from, such as 0-9 or 1,5,7")
	flags.StringVar(&r.shard, "shard", "", "`part` of the networks and seeds to train, such as 2/10 for the second of ten")
	flags.IntVar(&r.jobs, "jobs", 1, "variants to train at once, each on an adapter of its own")
}

// check returns a usage error for flags that are wrong or do not fit together. count is the number of
// networks.
func (r repeats) check(given *pflag.FlagSet, count int) error {
	seeds, err := r.list()
	switch {
	case err != nil:
		return fail.Usagef("train: --seeds %s: %v", r.seeds, err)
	case r.seeds != "" && given.Changed("seed"):
		return fail.Usagef("train: --seed and --seeds: want one of them")
	}
	if r.seeds != "" && count > report.MaxNetworks {
		return fail.Usagef("train: --seeds: %d networks: want at most %d, because each pair is compared", count, report.MaxNetworks)
	}
	part, parts, err := r.part()
	switch {
	case err != nil:
		return fail.Usagef("train: --shard %s: %v", r.shard, err)
	case parts > count*len(seeds):
		return fail.Usagef("train: --shard %d/%d: there are %d networks and seeds to share out: want at most so many parts", part, parts, count*len(seeds))
	case r.jobs < 1 || r.jobs > 64:
		return fail.Usagef("train: --jobs %d: want 1 to 64", r.jobs)
	}
	return nil
}

// list returns the seeds in the order in which they stand.
func (r repeats) list() ([]uint64, error) {
	if r.seeds == "" {
		return []uint64{r.seed}, nil
	}
	var all []uint64
	for _, word := range strings.Split(r.seeds, ",") {
		from, to, isRange := strings.Cut(word, "-")
		first, err := strconv.ParseUint(from, 10, 64)
		last := first
		if err == nil && isRange {
			last, err = strconv.ParseUint(to, 10, 64)
		}
		if err != nil || last < first {
			return nil, fmt.Errorf("%q: want seeds by commas, such as 1,5,7, or ranges such as 0-9", word)
		}
		if last-first >= mostSeeds || len(all)+int(last-first) >= mostSeeds {
			return nil, fmt.Errorf("want at most %d seeds", mostSeeds)
		}
		for i := range last - first + 1 {
			if slices.Contains(all, first+i) {
				return nil, fmt.Errorf("seed %d stands there twice", first+i)
			}
			all = append(all, first+i)
		}
	}
	return all, nil
}

// part returns the part that --shard names, from 1, and the number of parts.
func (r repeats) part() (part, parts int, err error) {
	if r.shard == "" {
		return 1, 1, nil
	}
	i, n, _ := strings.Cut(r.shard, "/")
	part, err = strconv.Atoi(i)
	if err == nil {
		parts, err = strconv.Atoi(n)
	}
	if err != nil || part < 1 || part > parts {
		return 0, 0, fmt.Errorf("want a part and the number of parts, such as 2/10; the first part is 1")
	}
	return part, parts, nil
}

// describe writes the flags into a recipe.
func (r repeats) describe(to *report.Recipe) {
	to.Seed, to.Seeds, to.Shard = r.seed, r.seeds, r.shard
	if seeds, err := r.list(); err == nil {
		to.Seed = seeds[0]
	}
}

// unit is a network and the seed that it is trained from.
type unit struct {
	net
	variant string // its name
	seed    uint64
}

// units returns what the run trains: each network from the first seed, then each from the second. A
// run that stops has whole pairs then. Of --shard i/n these are one after another, from number
// (i-1) len / n on. The flags are right.
func (s settings) units() []unit {
	nets, _ := s.nets()
	seeds, _ := s.list()
	var all []unit
	for _, seed := range seeds {
		for _, n := range nets {
			u := unit{n, n.name, seed}
			if s.seeds != "" {
				u.variant = fmt.Sprintf("%s/seed-%d", n.name, seed)
			}
			all = append(all, u)
		}
	}
	part, parts, _ := s.part()
	return all[(part-1)*len(all)/parts : part*len(all)/parts]
}

// names returns the names of the variants that the run trains.
func (s settings) names() []string {
	var names []string
	for _, u := range s.units() {
		names = append(names, u.variant)
	}
	return names
}

// describeUnits returns in words what the run trains.
func (s settings) describeUnits() string {
	if s.seeds == "" {
		return strings.Join(s.names(), ", ")
	}
	var names []string
	for _, u := range s.units() {
		if !slices.Contains(names, u.name) {
			names = append(names, u.name)
		}
	}
	text := strings.Join(names, ", ") + " from seeds " + s.seeds
	if s.shard != "" {
		text += ", part " + s.shard
	}
	return text
}
