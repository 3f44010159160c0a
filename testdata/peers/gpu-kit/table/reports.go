package main

import "strings"

// verifyReport is a part of the file of "wgpucnn verify --report".
type verifyReport struct {
	Adapters []struct {
		Error   string
		Results []struct {
			Cases           int
			Failed, Skipped []struct{}
		}
	}
}

// counts returns the cases that ran, that failed and that were skipped. An adapter that could not
// be opened counts as a failure.
func (r verifyReport) counts() (cases, failed, skipped int) {
	for _, a := range r.Adapters {
		if a.Error != "" {
			failed++
		}
		for _, result := range a.Results {
			cases, failed, skipped = cases+result.Cases, failed+len(result.Failed), skipped+len(result.Skipped)
		}
	}
	return cases, failed, skipped
}

// benchReport is a part of the file of "wgpucnn bench --out".
type benchReport struct {
	Adapters []struct {
		Measurements []measurement
	}
}

type measurement struct {
	Group, Name string
	Seconds     struct{ Median, P25, P75 float64 }
	Flops       float64
	Bytes       float64
}

// find returns the measurement of a group whose name begins so. It returns nil if there is none.
func (r benchReport) find(group, prefix string) *measurement {
	for _, a := range r.Adapters {
		for _, m := range a.Measurements {
			if m.Group == group && strings.HasPrefix(m.Name, prefix) && m.Seconds.P25 > 0 {
				return &m
			}
		}
	}
	return nil
}

// peak returns the most floating-point operations in a second that bench measured of the adapter,
// 0 if it measured none.
func (r benchReport) peak() float64 {
	best := 0.0
	for _, a := range r.Adapters {
		for _, m := range a.Measurements {
			if m.Group == "peaks" && m.Seconds.Median > 0 {
				best = max(best, m.Flops/m.Seconds.Median)
			}
		}
	}
	return best
}

// perSecond returns a rate of a measurement of so much work in giga. The range is that of the
// quartiles.
func (m *measurement) perSecond(work float64) *value {
	return &value{Median: work / m.Seconds.Median / 1e9, Low: work / m.Seconds.P75 / 1e9, High: work / m.Seconds.P25 / 1e9}
}
