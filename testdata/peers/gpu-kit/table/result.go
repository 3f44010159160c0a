package main

import (
	"fmt"
	"strings"
)

// result is the table, for people and for programs.
type result struct {
	Machine    []string     `json:"machine"`
	Unjudged   string       `json:"unjudged,omitempty"` // why there are no verdicts
	Rows       []row        `json:"rows"`
	Benchmarks []*benchmark `json:"benchmarks"`
	Failures   []string     `json:"failures"`
}

// row is a line of the table.
type row struct {
	Line     string  `json:"line"`
	Measured string  `json:"measured"`
	Reach    string  `json:"reach,omitempty"`
	Ambition string  `json:"ambition,omitempty"`
	Verdict  string  `json:"verdict,omitempty"`
	Value    *value  `json:"value,omitempty"`
	Goal     float64 `json:"goal,omitempty"` // Reach as a number
	Unit     string  `json:"unit,omitempty"`
}

// result makes the table. failures are what the caller knows of.
func (m measured) result(failures []string) result {
	r := result{Machine: m.machine, Benchmarks: m.benchmarks, Failures: failures}
	switch {
	case m.has("run: dry"):
		r.Unjudged = "A dry run: it proves that each part of the kit works. Its figures say nothing about speed."
	case !m.has("gpu: yes"):
		r.Unjudged = "No GPU was found. The figures to reach are a GPU's."
	}
	r.Rows = append(r.Rows, verified("verify", m.verify), verified("verify --limits default", m.verifyDefault))
	for _, f := range figures {
		v := f.measure(m)
		r.Rows = append(r.Rows, row{Line: f.line, Measured: f.text(v), Reach: f.goal(f.reach), Ambition: f.goal(f.ambition), Verdict: f.verdict(v), Value: v, Goal: f.reach, Unit: f.unit})
	}
	if r.Unjudged != "" {
		for i := range r.Rows {
			r.Rows[i].Verdict = ""
		}
	}
	for _, name := range []string{"base", "20M"} {
		if m.differ("Step/"+name, peerPrefix+"step/"+name+"/graph/tf32=off") {
			r.Failures = append(r.Failures, name+": PyTorch's network has another number of parameters")
		}
	}
	return r
}

// verified returns the row of a run of the shaders' suite.
func verified(line string, report *verifyReport) row {
	r := row{Line: line, Measured: "not measured", Reach: "0 failed"}
	if report == nil {
		return r
	}
	cases, failed, skipped := report.counts()
	r.Measured = fmt.Sprintf("%d cases, %d failed, %d skipped", cases, failed, skipped)
	r.Verdict = "reached"
	if failed > 0 || cases == 0 {
		r.Verdict = "missed"
	}
	return r
}

// legend explains the table.
const legend = `A figure is the median of the rounds, with their range; of copies and predictions, with the quartiles. Against PyTorch:
PyTorch's time, divided by wgpucnn's of the same round. The convolution: 64 to 64 channels, 3 x 3, maps of 32 x 32, batch 32.
Its peak: the multiply-adds that wgpucnn bench measured.`

// String returns the table in Markdown.
func (r result) String() string {
	var b strings.Builder
	b.WriteString("# wgpucnn beside PyTorch\n\n")
	for _, line := range r.Machine {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	if r.Unjudged != "" {
		fmt.Fprintf(&b, "\n**%s**\n", r.Unjudged)
	}
	b.WriteString("\n" + legend + "\n\n")
	b.WriteString("| line | measured here | reach | ambition | verdict |\n|---|---|---:|---:|---|\n")
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.Line, row.Measured, row.Reach, row.Ambition, row.Verdict)
	}
	b.WriteString("\n| benchmark | us | from | to | rounds |\n|---|---:|---:|---:|---:|\n")
	for _, benchmark := range r.Benchmarks {
		if v := over(benchmark.Values["ns/op"]); v != nil {
			fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.1f | %d |\n", benchmark.Name, v.Median/1e3, v.Low/1e3, v.High/1e3, v.Rounds)
		}
	}
	if len(r.Failures) > 0 {
		b.WriteString("\nWhat failed:\n\n")
		for _, failure := range r.Failures {
			fmt.Fprintf(&b, "- %s\n", failure)
		}
	}
	return b.String()
}
