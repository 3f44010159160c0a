package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
)

// Report is the result of a verification on a machine, with what tells the machine from
// others. Users attach it to a report of a fault.
type Report struct {
	Version  string          `json:"version"` // of the program
	Go       string          `json:"go"`
	WGPU     string          `json:"wgpu"`   // version of go-webgpu or wgpu-native
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

// Failed counts the cases that failed on all adapters.
func (r Report) Failed() int {
	failed := 0
	for _, a := range r.Adapters {
		failed += a.Failed()
	}
	return failed
}

// Failed counts the cases that failed, and 1 for an adapter that could not be opened.
func (a AdapterReport) Failed() int {
	failed := 0
	if a.Error != "" {
		failed++
	}
	for _, r := range a.Results {
		failed += len(r.Failed)
	}
	return failed
}

// Heading names the columns of Result.String.
const Heading = "  part           cases  skipped  worst error  verdict"

// shown is how many findings of a kind a result shows. The report has all.
const shown = 5

// Verdict says in a word or two whether all went well.
func (result Result) Verdict() string {
	if len(result.Failed) > 0 {
		return fmt.Sprintf("FAILED: %d", len(result.Failed))
	}
	return "ok"
}

// String returns the result as a line below Heading, and one more for each finding.
func (result Result) String() string {
	var b strings.Builder
	worst := fmt.Sprintf("%.3f", result.Worst)
	if result.Worst >= Infinite {
		worst = "not a number"
	}
	fmt.Fprintf(&b, "  %-14s %5d  %7d  %11s  %s", result.Name, result.Cases, len(result.Skipped), worst, result.Verdict())
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
			if f.Repeat != "" {
				fmt.Fprintf(&b, "\n    repeat   %s", f.Repeat)
			}
		}
	}
	if f := result.Smallest; f != nil {
		fmt.Fprintf(&b, "\n    smallest case found  %s: %s", f.Case, f.Reason)
	}
	if result.Reproduction != "" {
		fmt.Fprintf(&b, "\n    reproduction         %s", result.Reproduction)
	}
	return b.String()
}

// Verdict says in two words whether all went well on the adapter.
func (a AdapterReport) Verdict() string {
	if failed := a.Failed(); failed > 0 {
		return fmt.Sprintf("%d FAILED", failed)
	}
	return "all right"
}

// Summary returns what was found on the adapter in a line that ends with the verdict.
func (a AdapterReport) Summary() string {
	var cases, skipped int
	var kernels []string
	seconds := 0.0
	for _, r := range a.Results {
		cases, skipped, seconds = cases+r.Cases, skipped+len(r.Skipped), seconds+r.Seconds
		kernels = append(kernels, r.Kernels...)
	}
	slices.Sort(kernels)
	return fmt.Sprintf("%d cases of %d kernels in %v, %d skipped: %s", cases, len(slices.Compact(kernels)),
		time.Duration(seconds*float64(time.Second)).Round(time.Second), skipped, a.Verdict())
}
