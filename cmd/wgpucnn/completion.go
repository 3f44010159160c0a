package main

import (
	"context"
	"fmt"
	"slices"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"

	"github.com/spf13/pflag"
)

// shells are what there are completions for.
var shells = []string{"bash", "zsh", "fish"}

// choices are the values of flags that have few, by the flags' names.
var choices = map[string][]string{
	"data":    {"builtin", "cifar100"}, // or a folder
	"pooling": nn.Poolings,
	"tiling":  {tilingCached, tilingDefault},
	"backend": {"auto", "vulkan", "metal", "dx12", "gl"},
}

func completionFlags(*struct{}) *pflag.FlagSet { return newFlags("completion") }

func completionHelp() string {
	return `wgpucnn completion prints a script with which a shell completes commands, flags
and their values.

usage: wgpucnn completion bash|zsh|fish

  source <(wgpucnn completion bash)      in ~/.bashrc
  source <(wgpucnn completion zsh)       in ~/.zshrc, after compinit
  wgpucnn completion fish | source       in ~/.config/fish/config.fish
`
}

// completion prints the script for the shell that args name.
func completion(_ context.Context, args []string, out streams) error {
	rest, err := parseFiles(completionFlags(nil), args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return fail.Usagef("completion: no shell: want one of bash, zsh, fish")
	case len(rest) > 1:
		return fail.Usagef("completion: unexpected argument %q: want one shell", rest[1])
	}
	switch all := allCompleted(); rest[0] {
	case "bash":
		fmt.Fprint(out.out, bashCompletion(all))
	case "zsh":
		fmt.Fprint(out.out, zshCompletion(all))
	case "fish":
		fmt.Fprint(out.out, fishCompletion(all))
	default:
		return fail.Usagef("completion: unknown shell %q: want one of bash, zsh, fish", rest[0])
	}
	return nil
}

// completed is a command to complete.
type completed struct {
	name, sub, brief string   // sub is the second word of "bench compare"
	words            []string // that may stand after it, besides flags and files
	flags            []*pflag.Flag
}

// allCompleted returns the commands to complete, one with a second word before the same
// without.
func allCompleted() []completed {
	all := []completed{{name: "bench", sub: "compare", flags: completedFlags(compareFlags(&compareSettings{}))}}
	words := map[string][]string{"bench": {"compare"}, "completion": shells}
	var explained []string
	for _, c := range commands() {
		explained = append(explained, c.name)
		all = append(all, completed{name: c.name, brief: c.brief, words: words[c.name], flags: completedFlags(c.flags())})
	}
	for _, t := range topics() {
		explained = append(explained, t.name)
	}
	return append(all, completed{name: "help", brief: "explain a command or a topic", words: explained})
}

func completedFlags(flags *pflag.FlagSet) []*pflag.Flag {
	flags.BoolP("help", "h", false, "explain the command")
	var all []*pflag.Flag
	flags.VisitAll(func(f *pflag.Flag) { all = append(all, f) })
	return all
}

// isList tells whether a flag takes several values, by commas.
func isList(f *pflag.Flag) bool { return f.Value.Type() == "list" }

// listed tells whether a flag of that name takes several of its choices, with any command.
func listed(all []completed, name string) bool {
	return slices.ContainsFunc(all, func(c completed) bool {
		return slices.ContainsFunc(c.flags, func(f *pflag.Flag) bool { return f.Name == name && isList(f) })
	})
}

// chosen returns the names of the flags that have choices, in order.
func chosen() []string {
	var all []string
	for name := range choices {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
