package main

import (
	"fmt"
	"os"
	"strings"
)

// heading begins the part of the page that the campaign writes.
const heading = "## The last campaign\n"

// writeTable replaces the page's last part.
func writeTable(path string, r *record, jobs []job) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, _, ok := strings.Cut(string(text), heading)
	if !ok {
		return fmt.Errorf("%s: want a line %q", path, strings.TrimSpace(heading))
	}
	return os.WriteFile(path, []byte(before+heading+"\n"+table(r, jobs)), 0o666)
}

// table tells what ran, how often, with what result, and what did not run yet.
func table(r *record, jobs []job) string {
	var b strings.Builder
	fmt.Fprintf(&b, "On commit %s, begun on %s.\n\n", r.Commit, r.Begun.Format("2006-01-02"))
	fmt.Fprintf(&b, "- machine: %s\n- adapter: %s\n- driver: %s\n\n", r.Machine, r.Adapter, r.Driver)
	b.WriteString("| what | result | pieces done | time | last run |\n|---|---|---|---|---|\n")
	var missing []string
	var failed []result
	for _, j := range jobs {
		done, count, bad, seconds, last := 0, 0, 0, 0.0, "never"
		for _, one := range r.Results {
			if one.Job != j.name {
				continue
			}
			count += one.Count
			seconds += one.Seconds
			last = one.Ended.Format("2006-01-02")
			if one.Failed {
				bad++
				failed = append(failed, one)
			}
		}
		for _, piece := range j.pieces {
			if r.done(piece) {
				done++
			}
		}
		verdict := "not run"
		switch {
		case bad > 0:
			verdict = fmt.Sprintf("**%d of %d pieces failed**, %d %s", bad, done, count, j.unit)
		case count > 0:
			verdict = fmt.Sprintf("%d %s: all right", count, j.unit)
		}
		if done < len(j.pieces) {
			missing = append(missing, fmt.Sprintf("%s: %d of %d pieces", j.name, len(j.pieces)-done, len(j.pieces)))
		}
		fmt.Fprintf(&b, "| %s | %s | %d of %d | %.0f min | %s |\n", j.name, verdict, done, len(j.pieces), seconds/60, last)
	}
	list(&b, "Not run yet:", missing)
	var commands []string
	for _, one := range failed {
		commands = append(commands, "`"+one.Piece+"`")
	}
	list(&b, "These commands failed. Each repeats its failure:", commands)
	return b.String()
}

// list writes a list with its title, if there is anything to list.
func list(b *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n\n", title)
	for _, item := range items {
		fmt.Fprintf(b, "- %s\n", item)
	}
}
