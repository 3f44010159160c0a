package main

import (
	"fmt"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/report"
	"wgpucnn/shaders/mutate"
)

// mutantsReport is what mutants --json writes.
type mutantsReport struct {
	File      string         `json:"file"`
	Command   []string       `json:"command"`
	Seconds   float64        `json:"seconds"` // that the command takes without a defect
	Limit     float64        `json:"limit_seconds"`
	Operators []string       `json:"operators"`
	Chosen    int            `json:"chosen"` // mutants; fewer were tried if the program was stopped
	Mutants   []mutantResult `json:"mutants"`
}

// mutantResult is what became of a mutant.
type mutantResult struct {
	Line     int     `json:"line"`
	Operator string  `json:"operator"`
	Change   string  `json:"change"`
	Before   string  `json:"before"`
	After    string  `json:"after"`
	Verdict  verdict `json:"verdict"`
	Seconds  float64 `json:"seconds"`
}

func newMutantResult(m mutate.Mutant, v verdict, took time.Duration) mutantResult {
	return mutantResult{m.Line, m.Operator, m.Change, m.Before, m.After, v, took.Seconds()}
}

// count returns how many mutants of an operator have a verdict. "" is any operator or verdict.
func (r mutantsReport) count(operator string, v verdict) int {
	n := 0
	for _, m := range r.Mutants {
		if (operator == "" || m.Operator == operator) && (v == "" || m.Verdict == v) {
			n++
		}
	}
	return n
}

// text returns a table of the operators, and each mutant that survived.
func (r mutantsReport) text() string {
	rows := [][]string{{"operator", "mutants"}}
	for _, v := range verdicts {
		rows[0] = append(rows[0], string(v))
	}
	add := func(name, operator string) {
		row := []string{name, report.Thousands(r.count(operator, ""))}
		for _, v := range verdicts {
			row = append(row, report.Thousands(r.count(operator, v)))
		}
		rows = append(rows, row)
	}
	for _, operator := range r.Operators {
		add(operator, operator)
	}
	add("all", "")
	var b strings.Builder
	b.WriteString(report.Align(rows, func(column int) bool { return column == 0 }))
	if tried := len(r.Mutants); tried < r.Chosen {
		fmt.Fprintf(&b, "stopped after %s of %s mutants\n", report.Thousands(tried), report.Thousands(r.Chosen))
	}
	for _, m := range r.Mutants {
		if m.Verdict == survived {
			fmt.Fprintf(&b, "\n%s:%d survived: %s: %s\n  - %s\n  + %s\n", r.File, m.Line, m.Operator, terminal.Printable(m.Change), terminal.Printable(m.Before), terminal.Printable(m.After))
		}
	}
	return b.String()
}
