package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var things = regexp.MustCompile(`(\d+) things`)

// fakeJobs are commands that write their names into the file of the environment.
func fakeJobs(t *testing.T) (jobs []job, ran func() string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ran")
	t.Setenv("RAN", file)
	piece := func(name, rest string) string { return "printf '" + name + " ' >>$RAN; " + rest }
	jobs = []job{
		{name: "long", unit: "things", counts: things, long: true, pieces: []string{piece("l1", "echo 1 things"), piece("l2", "echo 2 things"), piece("l3", "echo 3 things")}},
		{name: "short", unit: "things", counts: things, pieces: []string{piece("s1", "echo 10 things"), piece("s2", "echo 20 things; exit 3")}},
		{name: "other", unit: "things", counts: things, long: true, pieces: []string{piece("o1", "true")}},
	}
	return jobs, func() string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
}

// open opens a record of this commit, or fails the test.
func open(t *testing.T, path, commit string) *record {
	t.Helper()
	r, err := openRecord(path, origin{Commit: commit, Machine: "m", Adapter: "a", Driver: "d"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Pieces run in turns. A piece that fails, or that did nothing, is told with its command. The next call
// runs nothing again, and another commit begins anew.
func TestRun(t *testing.T) {
	jobs, ran := fakeJobs(t)
	path := filepath.Join(t.TempDir(), "bin/record.json")
	var log strings.Builder
	r := open(t, path, "1")
	if err := r.run(t.Context(), jobs, &log); err != nil {
		t.Fatal(err)
	}
	if got, want := ran(), "s1 s2 l1 o1 l2 l3"; got != want {
		t.Errorf("ran %s, want %s", got, want)
	}
	if r.failures() != 2 {
		t.Errorf("%d failures, want 2", r.failures())
	}
	for _, want := range []string{"FAILED: exit status 3. To repeat it:\n" + jobs[1].pieces[1] + "\n", "FAILED: it ran no things. To repeat it:\n" + jobs[2].pieces[0] + "\n"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &log)
		}
	}
	r = open(t, path, "1")
	if err := r.run(t.Context(), jobs, &log); err != nil {
		t.Fatal(err)
	}
	if got := ran(); strings.Count(got, " ") != 5 || len(r.Results) != 6 || r.failures() != 2 {
		t.Errorf("again: ran %s; %d results, %d failures", got, len(r.Results), r.failures())
	}
	if r := open(t, path, "2"); len(r.Results) != 0 || r.Begun.IsZero() {
		t.Errorf("another commit: %+v", r)
	}
}

// A fuzz target that fails because its time is over is all right. One that found something is not.
func TestRunFuzzDeadline(t *testing.T) {
	piece := func(text string) string { return "printf '" + text + "'; exit 1" }
	jobs := []job{{name: "fuzz", unit: "inputs", counts: regexp.MustCompile(`execs: (\d+)`), harmless: fuzzDeadline, pieces: []string{
		piece(`fuzz: elapsed: 20s, execs: 7 (1/sec)\n--- FAIL: FuzzA (20.12s)\n    context deadline exceeded\nFAIL\nexit status 1\n`),
		piece(`fuzz: elapsed: 20s, execs: 9 (1/sec)\n--- FAIL: FuzzB (20.12s)\n    --- FAIL: FuzzB (0.00s)\n    b: context deadline exceeded\nFAIL\n`),
	}}}
	r := open(t, filepath.Join(t.TempDir(), "record.json"), "1")
	var log strings.Builder
	if err := r.run(t.Context(), jobs, &log); err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != 2 || r.Results[0].Failed || r.Results[0].Count != 7 || !r.Results[1].Failed {
		t.Errorf("got %+v, want the first all right", r.Results)
	}
}

// A piece that does not fit into the time does not begin. One that is stopped, with all that it started, is
// not recorded.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	end, stop := context.WithDeadline(ctx, time.Now().Add(time.Hour))
	defer stop()
	folder := t.TempDir()
	begun := filepath.Join(folder, "begun")
	go func() {
		for {
			if _, err := os.Stat(begun); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	r := open(t, filepath.Join(folder, "record.json"), "1")
	err := r.run(end, []job{
		{name: "a", counts: things, typical: 2 * time.Hour, pieces: []string{"echo 1 things"}},
		{name: "b", counts: things, pieces: []string{"echo 2 things"}},
		{name: "c", counts: things, pieces: []string{"(sleep 1000; echo) & touch " + begun + "; wait", "echo 3 things"}},
	}, &strings.Builder{})
	if err != nil || len(r.Results) != 1 || r.Results[0].Job != "b" {
		t.Errorf("%v: %+v", err, r.Results)
	}
}

func TestDamagedRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.json")
	if err := os.WriteFile(path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openRecord(path, origin{}); err == nil || !strings.Contains(err.Error(), path+": unexpected end of JSON input: remove it to begin anew") {
		t.Errorf("got %v", err)
	}
}

// The table tells what ran, what failed and what is missing. It leaves the text before it.
func TestTable(t *testing.T) {
	jobs, _ := fakeJobs(t)
	day := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	r := open(t, filepath.Join(t.TempDir(), "record.json"), "abc")
	r.Begun = day
	r.Results = []result{
		{Job: "long", Piece: jobs[0].pieces[0], Count: 1, Seconds: 90, Ended: day},
		{Job: "long", Piece: jobs[0].pieces[2], Count: 3, Seconds: 90, Ended: day.Add(24 * time.Hour)},
		{Job: "short", Piece: jobs[1].pieces[0], Count: 10, Ended: day},
		{Job: "short", Piece: jobs[1].pieces[1], Count: 20, Ended: day, Failed: true},
	}
	path := filepath.Join(t.TempDir(), "page.md")
	for _, old := range []string{"", "old\n"} {
		if err := os.WriteFile(path, []byte("# Title\n\n"+heading+old), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := writeTable(path, r, jobs); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		want := []string{
			"# Title", "", "## The last campaign", "",
			"On commit abc, begun on 2026-05-04.", "",
			"- machine: m", "- adapter: a", "- driver: d", "",
			"| what | result | pieces done | time | last run |", "|---|---|---|---|---|",
			"| long | 4 things: all right | 2 of 3 | 3 min | 2026-05-05 |",
			"| short | **1 of 2 pieces failed**, 30 things | 2 of 2 | 0 min | 2026-05-04 |",
			"| other | not run | 0 of 1 | 0 min | never |", "",
			"Not run yet:", "", "- long: 1 of 3 pieces", "- other: 1 of 1 pieces", "",
			"These commands failed. Each repeats its failure:", "", "- `" + jobs[1].pieces[1] + "`", "",
		}
		if lines := strings.Split(string(got), "\n"); err != nil || !slices.Equal(lines, want) {
			t.Errorf("%v, got\n%s", err, got)
		}
	}
}
