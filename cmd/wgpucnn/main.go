// Command wgpucnn trains the convolutional networks of a university lab on any GPU, through WebGPU,
// and compares them. "wgpucnn help" lists what it can do.
//
// This package has one file a subcommand. train has several: settings.go, rule.go, stopping.go, seeds.go
// and recipe.go hold its flags, run.go, jobs.go, nets.go, init.go, variant.go, checkpoint.go and
// watch.go the run, resume.go the way back into one. audit.go has audit_slices.go and audit_compare.go beside it. The packages below internal hold what several
// subcommands share, or what draws. layering_test.go says who may import whom.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/guard"
	"wgpucnn/cmd/wgpucnn/internal/output"
	"wgpucnn/cmd/wgpucnn/internal/signals"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/engine"
	"wgpucnn/nn/spell"

	"github.com/spf13/pflag"
)

// The exit statuses of a command. If a signal stopped it, see signals.Caught.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// command is a subcommand.
type command struct {
	name, brief string
	flags       func() *pflag.FlagSet
	help        func() string
	run         func(ctx context.Context, args []string, out streams) error
}

// guarded are the commands that work on an adapter in a child process, see package guard. Those that are
// true go on by themselves if the adapter is lost.
var guarded = map[string]bool{"train": true, "find-lr": false, "eval": false, "predict": false, "bench": false, "tune": false, "audit": false}

// streams are the outputs of a command: out for results, err for progress.
type streams struct{ out, err io.Writer }

func commands() []command {
	return []command{
		{"train", "train the lab's networks, compare them, save weights and ONNX", unset(trainFlags), trainHelp, runTrain},
		{"find-lr", "suggest a learning rate for train, by a short test of many", unset(findLRFlags), findLRHelp, runFindLR},
		{"summary", "show what a model's file holds: network, training, accuracies", unset(summaryFlags), summaryHelp, summarize},
		{"eval", "tell how well a model does on a data set", unset(evalFlags), evalHelp, evaluateModel},
		{"predict", "classify images by a trained model", unset(predictFlags), predictHelp, runPredict},
		{"report", "make the page of a run again, or one that compares several runs", unset(reportFlags), reportHelp, reportRuns},
		{"audit", "train parts of a run again, and say whether the run is what it says", unset(auditFlags), auditHelp, runAudit},
		{"import", "make a model of a state dict or a model that PyTorch saved", unset(importFlags), importHelp, importModel},
		{"export", "write a model as ONNX, or as a state dict for PyTorch", unset(exportFlags), exportHelp, export},
		{"verify", "prove that every shader computes what it should on an adapter", unset(verifyFlags), verifyHelp, verifyAdapters},
		{"mutants", "show which small defects in a shader its tests do not notice", unset(mutantsFlags), mutantsHelp, runMutants},
		{"bench", "measure how fast an adapter is, and compare machines or commits", unset(benchFlags), benchHelp, benchmark},
		{"tune", "look for kernels that are faster on an adapter, for train to use", unset(tuneFlags), tuneHelp, tuneAdapter},
		{"data", "show a data set: its classes, its brightness, and its pictures", unset(showFlags), showHelp, showData},
		{"web", "serve the page on which a browser trains", unset(webFlags), webHelp, serveWeb},
		{"devices", "list the adapters (GPUs) of this machine", unset(devicesFlags), devicesHelp, devices},
		{"doctor", "say what this machine computes with, and what keeps a GPU away", unset(doctorFlags), doctorHelp, diagnose},
		{"completion", "print a script that completes command lines in bash, zsh or fish", unset(completionFlags), completionHelp, completion},
	}
}

// unset returns a function that returns a command's flags with their defaults.
func unset[S any](flags func(*S) *pflag.FlagSet) func() *pflag.FlagSet {
	return func() *pflag.FlagSet { return flags(new(S)) }
}

func main() {
	engine.Quiet()
	ctx, stop := context.WithCancelCause(context.Background())
	args := os.Args[1:]
	stderr, child := guard.Join(stop, engine.Calls)
	if !child && len(args) > 0 && !slices.ContainsFunc(args, func(word string) bool { return word == "-h" || word == "--help" }) {
		if goesOn, ok := guarded[args[0]]; ok {
			if status, ran := guard.Run(args, goesOn); ran {
				os.Exit(status)
			}
		}
	}
	signals.Listen(stop)
	guard.Exit(execute(ctx, args, streams{os.Stdout, stderr}))
}

// lost tells whether a command failed because its adapter was lost, and a parent is there to say so.
func lost(err error) bool {
	return guard.Joined() && (errors.Is(err, engine.ErrLost) || errors.Is(err, engine.ErrHangs))
}

// execute runs the command line and returns the exit status. It closes standard output.
func execute(ctx context.Context, args []string, out streams) int {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stdout := output.New("standard output", out.out, stop)
	stderr := output.New("standard error", out.err, stop)
	err := cmp.Or(dispatch(ctx, args, streams{stdout, stderr}), stdout.Close())
	var usage fail.Usage
	var by signals.Caught
	switch {
	case err == nil:
		return exitOK
	case lost(err):
		guard.Lose(errors.Is(err, engine.ErrHangs))
		return exitFailure
	case errors.As(err, &by): // the reader of standard output has gone
		return by.Status()
	case errors.Is(err, context.Canceled):
		by = signals.StoppedBy(ctx)
		if err != context.Canceled {
			fmt.Fprintf(stderr, "wgpucnn: %s\n", fail.Line(err))
		} else if by != signals.Pipe { // after a closed pipe nobody reads a line
			fmt.Fprintln(stderr, "wgpucnn: stopped")
		}
		return by.Status()
	}
	fmt.Fprintf(stderr, "%s %s\n", terminal.Red.Paint(stderr, "wgpucnn:"), fail.Line(err))
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailure
}

// dispatch runs the command that the first argument names.
func dispatch(ctx context.Context, args []string, out streams) error {
	if len(args) == 0 {
		return fail.Usagef("no command: want one of %s; \"wgpucnn help\" says more", strings.Join(names(), ", "))
	}
	switch args[0] {
	case "--version", "version":
		fmt.Fprintln(out.out, "wgpucnn", version.Program())
		return nil
	case "help", "--help", "-h":
		return help(args[1:], out.out)
	}
	c, err := find(args[0])
	if err != nil {
		return err
	}
	err = c.run(ctx, args[1:], out)
	if errors.Is(err, pflag.ErrHelp) {
		c.explain(out.out)
		return nil
	}
	return err
}

// find returns the command of a name. also are further words that the user may have meant.
func find(name string, also ...string) (command, error) {
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
	}
	if meant, ok := spell.Nearest(name, append(names(), also...)); ok {
		return command{}, fail.Usagef("unknown command %q: did you mean %s?", name, meant)
	}
	return command{}, fail.Usagef("unknown command %q: want one of %s", name, strings.Join(names(), ", "))
}

// names returns the words that may be the first argument.
func names() []string {
	var all []string
	for _, c := range commands() {
		all = append(all, c.name)
	}
	return append(all, "help")
}

// printJSON prints a value as indented JSON.
func printJSON(out io.Writer, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(out, "%s\n", data)
	}
	return err
}
