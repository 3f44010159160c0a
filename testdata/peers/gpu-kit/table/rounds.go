package main

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rounds are results in Go's benchmark format. Lines "key: value" between them describe the machine
// and the run. "round: 2" begins a round.
type rounds struct {
	machine    []string // "key: value", each once
	benchmarks []*benchmark
}

// benchmark is what one benchmark measured in each round, by unit: "ns/op", "params", ...
type benchmark struct {
	Name   string                     `json:"name"`
	Values map[string]map[int]float64 `json:"values"` // by unit and round
}

var (
	keyPattern = regexp.MustCompile(`^([a-z]+): (.+)$`)
	processors = regexp.MustCompile(`-\d+$`) // Go appends their number to the name
)

// machineKeys are the keys of the lines that the table shows.
var machineKeys = []string{"date", "command", "run", "wgpucnn", "gpu", "adapter", "cpu", "pytorch", "clock"}

// parseRounds reads results. It leaves out lines that are incomplete, because the benchmark was
// stopped, and the log between the lines.
func parseRounds(text string) rounds {
	var r rounds
	round := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if key := keyPattern.FindStringSubmatch(line); key != nil {
			if key[1] == "round" {
				round, _ = strconv.Atoi(key[2])
			}
			if slices.Contains(machineKeys, key[1]) && !slices.Contains(r.machine, line) {
				r.machine = append(r.machine, line)
			}
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil && value > 0 && !math.IsInf(value, 0) {
				r.add(name, fields[i+1], round, value)
			}
		}
	}
	return r
}

func (r *rounds) add(name, unit string, round int, value float64) {
	b := r.find(name)
	if b == nil {
		b = &benchmark{Name: name, Values: map[string]map[int]float64{}}
		r.benchmarks = append(r.benchmarks, b)
	}
	if b.Values[unit] == nil {
		b.Values[unit] = map[int]float64{}
	}
	b.Values[unit][round] = value
}

// find returns the benchmark of that name, or nil.
func (r rounds) find(name string) *benchmark {
	for _, b := range r.benchmarks {
		if b.Name == name {
			return b
		}
	}
	return nil
}

// has tells whether a line of the machine is as given.
func (r rounds) has(line string) bool { return slices.Contains(r.machine, line) }

// of returns the values of a benchmark by round, none if it was not measured.
func (r rounds) of(name, unit string) map[int]float64 {
	if b := r.find(name); b != nil {
		return b.Values[unit]
	}
	return nil
}

// value is the median of a figure over rounds, and its range.
type value struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Rounds int     `json:"rounds,omitempty"`
}

// over summarises values by round. It returns nil for none.
func over(byRound map[int]float64) *value {
	if len(byRound) == 0 {
		return nil
	}
	var sorted []float64
	for _, v := range byRound {
		sorted = append(sorted, v)
	}
	slices.Sort(sorted)
	n := len(sorted)
	return &value{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Low: sorted[0], High: sorted[n-1], Rounds: n}
}

// scaled returns times of a benchmark in another unit.
func (r rounds) scaled(name string, factor float64) *value {
	all := map[int]float64{}
	for round, ns := range r.of(name, "ns/op") {
		all[round] = factor * ns
	}
	return over(all)
}

// ratio returns how many times as long as ours the peer takes, in the rounds that measured both. It
// returns nil if the two networks differ.
func (r rounds) ratio(ours, peer string) *value {
	if r.differ(ours, peer) {
		return nil
	}
	all := map[int]float64{}
	theirs := r.of(peer, "ns/op")
	for round, ns := range r.of(ours, "ns/op") {
		if their, ok := theirs[round]; ok {
			all[round] = their / ns
		}
	}
	return over(all)
}

// differ tells whether two benchmarks are of networks with different numbers of parameters.
func (r rounds) differ(ours, peer string) bool {
	a, b := over(r.of(ours, "params")), over(r.of(peer, "params"))
	return a != nil && b != nil && a.Median != b.Median
}
