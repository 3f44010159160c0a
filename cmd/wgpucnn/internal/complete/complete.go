// Package complete writes the scripts with which shells complete the program's command lines.
package complete

import (
	"maps"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"

	"github.com/spf13/pflag"
)

// Program is what a shell completes.
type Program struct {
	Commands []Command
	Choices  map[string][]string // the values of flags that have few, by the flags' names
}

// Command is a subcommand.
type Command struct {
	Name, Sub, Brief string   // Sub is the second word of a command such as "bench compare"
	Words            []string // that may stand after it, besides flags and files
	Flags            []*pflag.Flag
}

// Flags returns the flags of a command to complete. --help is one of them.
func Flags(set *pflag.FlagSet) []*pflag.Flag {
	set.BoolP("help", "h", false, "explain the command")
	var all []*pflag.Flag
	set.VisitAll(func(f *pflag.Flag) { all = append(all, f) })
	return all
}

// listed tells whether a flag of that name takes several of its choices, with any command.
func (p Program) listed(name string) bool {
	return slices.ContainsFunc(p.Commands, func(c Command) bool {
		return slices.ContainsFunc(c.Flags, func(f *pflag.Flag) bool { return f.Name == name && cmdline.IsList(f) })
	})
}

// chosen returns the names of the flags that have choices, in order.
func (p Program) chosen() []string { return slices.Sorted(maps.Keys(p.Choices)) }

// words returns the choices of a flag, "" for none.
func (p Program) words(name string) string { return strings.Join(p.Choices[name], " ") }

// quoted returns a text as one word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
