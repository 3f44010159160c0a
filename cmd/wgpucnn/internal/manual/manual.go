// Package manual lays out the help of the program: the list of commands, the lines about flags, the
// topics, and the man page.
package manual

import (
	"fmt"
	"strings"

	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// Command is a subcommand: its name, a line about it, and its help.
type Command struct{ Name, Brief, Help string }

// Overview returns the help of the program.
func Overview(commands []Command) string {
	var text strings.Builder
	text.WriteString(`wgpucnn trains convolutional networks on any GPU, through WebGPU.

usage: wgpucnn COMMAND [FLAG]...

`)
	for _, c := range commands {
		fmt.Fprintf(&text, "  %-11s %s\n", c.Name, c.Brief)
	}
	text.WriteString(`  help        explain a command or a topic: wgpucnn help train

  --version   print the version

topics:

`)
	for _, t := range Topics() {
		fmt.Fprintf(&text, "  %-16s %s\n", t.Name, t.Brief)
	}
	text.WriteString("\n\"wgpucnn help --man\" prints all of it as a man page.\nColours are for terminals; NO_COLOR=1 turns them off.\n")
	return text.String()
}

// Flags returns a line for each flag: its name, the name of its value, what it does, its default.
func Flags(flags *pflag.FlagSet) string {
	var rows [][]string
	flags.VisitAll(func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		name := "      --" + f.Name
		if f.Shorthand != "" {
			name = "  -" + f.Shorthand + ", --" + f.Name
		}
		if f.NoOptDefVal == "" {
			name += " " + value
			if d := f.DefValue; d != "" && d != "0" {
				usage += " (default " + d + ")"
			}
		}
		rows = append(rows, []string{name, usage})
	})
	return report.Align(rows, func(int) bool { return true })
}
