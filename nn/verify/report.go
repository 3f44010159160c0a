package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
)

// Report is what a verification found, with all that it takes to tell one machine
// from another: what a user attaches to a report of a fault.
type Report struct {
	Version  string          `json:"version"` // of the program
	Go       string          `json:"go"`
	WGPU     string          `json:"wgpu"`   // version of the go-webgpu module
	System   string          `json:"system"` // "linux/amd64"
	Time     time.Time       `json:"time"`   // of its begin
	Adapters []AdapterReport `json:"adapters"`
}

// AdapterReport is what was found on one adapter.
type AdapterReport struct {
	Adapter engine.Adapter `json:"adapter"`
	Error   string         `json:"error,omitempty"` // why it could not be opened
	Results []Result       `json:"results"`
}

// Failed counts the cases that failed, an adapter that cannot be opened as one.
func (r Report) Failed() int {
	failed := 0
	for _, a := range r.Adapters {
		if a.Error != "" {
			failed++
		}
		for _, result := range a.Results {
			failed += len(result.Failed)
		}
	}
	return failed
}

// Heading names the columns of Result.String.
const Heading = "  part           cases  skipped  worst error  verdict"

// shown is how many findings of a kind a result shows; the report has all.
const shown = 5

// String returns the result as a line below Heading, and one more for each finding.
func (result Result) String() string {
	var b strings.Builder
	worst := fmt.Sprintf("%.3f", result.Worst)
	if result.Worst >= Infinite {
		worst = "not a number"
	}
	verdict := "ok"
	if len(result.Failed) > 0 {
		verdict = fmt.Sprintf("FAILED: %d", len(result.Failed))
	}
	fmt.Fprintf(&b, "  %-14s %5d  %7d  %11s  %s", result.Name, result.Cases, len(result.Skipped), worst, verdict)
	for _, findings := range []struct {
		what string
		list []Finding
	}{{"failed", result.Failed}, {"skipped", result.Skipped}} {
		for i, f := range findings.list {
			if i == shown {
				fmt.Fprintf(&b, "\n    %d more %s", len(findings.list)-shown, findings.what)
				break
			}
			fmt.Fprintf(&b, "\n    %s  %s: %s", findings.what, f.Case, f.Reason)
		}
	}
	return b.String()
}

// Summary returns what was found on the adapter in a line.
func (a AdapterReport) Summary() string {
	var cases, skipped, failed int
	var kernels []string
	seconds := 0.0
	for _, r := range a.Results {
		cases, skipped, failed, seconds = cases+r.Cases, skipped+len(r.Skipped), failed+len(r.Failed), seconds+r.Seconds
		kernels = append(kernels, r.Kernels...)
	}
	slices.Sort(kernels)
	verdict := "all right"
	if failed > 0 {
		verdict = fmt.Sprintf("%d FAILED", failed)
	}
	return fmt.Sprintf("%d cases of %d kernels in %v, %d skipped: %s", cases, len(slices.Compact(kernels)),
		time.Duration(seconds*float64(time.Second)).Round(time.Second), skipped, verdict)
}
