package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/trial"
	"wgpucnn/nn/report"
	"wgpucnn/shaders/mutate"

	"github.com/spf13/pflag"
)

// mutantsSettings are the values of the flags of mutants.
type mutantsSettings struct {
	operators []string
	limit     int
	seed      uint64
	json      string
}

func mutantsFlags(s *mutantsSettings) *pflag.FlagSet {
	flags := cmdline.New("mutants")
	cmdline.ListFlag(flags, &s.operators, "operators", slices.Clone(mutate.Operators), "`kinds` of defects")
	flags.IntVar(&s.limit, "limit", 0, "try so many mutants, drawn at random (default: all)")
	flags.Uint64Var(&s.seed, "seed", 0, "seed of the draw")
	cmdline.PathFlag(flags, &s.json, "json", "`file` for all mutants and their verdicts as JSON")
	return flags
}

func mutantsHelp() string {
	var s mutantsSettings
	return `wgpucnn mutants shows what the tests of a shader do not test.

usage: wgpucnn mutants FILE [FLAG]... -- COMMAND

A mutant is the text of FILE with one small defect. The program writes each into
FILE, runs COMMAND, and restores FILE. A mutant is killed if COMMAND fails. If
COMMAND passes, the mutant survives: no test notices the defect, or the defect
changes no result. FILE is any WGSL file, COMMAND any command that fails if a test
fails. The kinds of defects are

  bounds      < becomes <=, == becomes !=, min becomes max, an if never holds
  operators   + becomes -, * becomes /, & becomes |, << becomes >>, a minus or
              a ! is left out
  constants   an integer becomes one more or one less, a float twice as much,
              true becomes false
  barriers    a barrier is left out
  indices     an index is one too large; two names of an index, two indices, two
              arguments of one type, or two components are swapped

A mutant is invalid if COMMAND fails and says that the shader does not compile.
COMMAND may take five times as long as without a defect, and ten seconds at least.
Then all its processes are ended, and the mutant has timed out: it counts as
noticed, because many defects make a loop endless.

COMMAND is tried three times first. It must pass while FILE is unchanged, and pass
when FILE has one comment more. It must fail when FILE is no WGSL. While mutants
are tried, FILE` + trial.KeptSuffix + ` holds the text of FILE. Ctrl-C and SIGTERM
restore FILE. If the program is killed, the next call with the same FILE restores
it. A second call for a FILE that is in work is refused.

The exit status is 1 if mutants survive.

` + manual.Flags(mutantsFlags(&s)) + `
  wgpucnn mutants blur.wgsl -- go test -failfast ./...
  wgpucnn mutants blur.wgsl --operators bounds,barriers -- cargo test
  wgpucnn mutants blur.wgsl --limit 50 --json mutants.json -- npm test
`
}

// runMutants tries mutants of a file.
func runMutants(ctx context.Context, args []string, out streams) (err error) {
	var s mutantsSettings
	path, command, err := s.parse(args)
	if err != nil {
		return err
	}
	file, restored, err := trial.Open(path, isTrial)
	if err != nil {
		return fmt.Errorf("mutants: %w", err)
	}
	defer func() { err = fail.Then(err, file.Close()) }()
	if restored {
		terminal.Say(out.err, "restored %s from %s, which a killed run left\n", path, path+trial.KeptSuffix)
	}
	mutants := s.choose(mutate.Of(file.Text))
	if len(mutants) == 0 {
		return fmt.Errorf("mutants: %s has no code that %s change", path, strings.Join(s.operators, ", "))
	}
	h := hunt{file: file, path: path, command: command}
	terminal.Say(out.out, "file     %s, mutants: %s\ncommand  %s\n", path, report.Thousands(len(mutants)), strings.Join(command, " "))
	if err := h.prepare(ctx); err != nil {
		return err
	}
	terminal.Say(out.out, "time     %.1f s without a defect, limit %.1f s\n", h.took.Seconds(), h.limit.Seconds())
	r := mutantsReport{
		File: path, Command: command, Seconds: h.took.Seconds(), Limit: h.limit.Seconds(), Operators: s.operators, Chosen: len(mutants), Mutants: []mutantResult{},
	}
	err = h.try(ctx, mutants, out.err, &r)
	terminal.Say(out.out, "\n%s", r.text())
	if s.json != "" {
		err = fail.Then(err, report.WriteJSON(s.json, r))
	}
	if n := r.count("", survived); n > 0 && err == nil {
		err = fmt.Errorf("mutants: %s of %s survived: no test notices these defects", report.Thousands(n), report.Thousands(len(r.Mutants)))
	}
	return err
}

// parse reads the command line.
func (s *mutantsSettings) parse(args []string) (path string, command []string, err error) {
	flags := mutantsFlags(s)
	words, err := cmdline.ParseFiles(flags, args)
	if err != nil {
		return "", nil, err
	}
	files := flags.ArgsLenAtDash()
	switch {
	case files < 0 || files == len(words):
		return "", nil, fail.Usagef("mutants: no command: want FILE -- COMMAND, such as blur.wgsl -- go test ./...")
	case files != 1:
		return "", nil, fail.Usagef("mutants: %d files: want one WGSL file before --", files)
	case s.limit < 0 || s.limit == 0 && flags.Changed("limit"):
		return "", nil, fail.Usagef("mutants: --limit %d: want 1 or more", s.limit)
	}
	for _, name := range s.operators {
		if !slices.Contains(mutate.Operators, name) {
			return "", nil, fail.Usagef("mutants: --operators %s: want some of %s", name, strings.Join(mutate.Operators, ", "))
		}
	}
	return words[0], words[1:], cmdline.CheckFile("mutants: --json", s.json)
}

// choose returns the mutants of the chosen operators, or a sample of them in their order.
func (s mutantsSettings) choose(mutants []mutate.Mutant) []mutate.Mutant {
	mutants = slices.DeleteFunc(mutants, func(m mutate.Mutant) bool { return !slices.Contains(s.operators, m.Operator) })
	if s.limit == 0 || s.limit >= len(mutants) {
		return mutants
	}
	chosen := rand.New(rand.NewPCG(s.seed, 0)).Perm(len(mutants))[:s.limit]
	slices.Sort(chosen)
	sample := make([]mutate.Mutant, len(chosen))
	for i, k := range chosen {
		sample[i] = mutants[k]
	}
	return sample
}

// try tries mutants one after another until the context ends, and adds them to the report.
func (h *hunt) try(ctx context.Context, mutants []mutate.Mutant, progress io.Writer, r *mutantsReport) error {
	show := meter.New(progress)
	defer show.Hide()
	start := time.Now()
	for i, m := range mutants {
		verdict, took, err := h.judge(ctx, m)
		if err != nil {
			return err
		}
		r.Mutants = append(r.Mutants, newMutantResult(m, verdict, took))
		done := i + 1
		left := time.Since(start) / time.Duration(done) * time.Duration(len(mutants)-done)
		of, alive := fmt.Sprintf("%d of %d", done, len(mutants)), fmt.Sprintf("%d survived", r.count("", survived))
		show.Show(meter.Reading{
			Label: "mutants", Share: float64(done) / float64(len(mutants)), Details: []string{of, alive, fmt.Sprintf("%v left", left.Round(time.Second))},
			Plain: fmt.Sprintf("mutants: %s, %s", of, alive),
		})
	}
	return nil
}
