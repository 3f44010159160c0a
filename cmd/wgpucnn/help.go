package main

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// topicFiles hold a line that says what the topic is about, an empty one, and its text.
//
//go:embed topics/*.txt
var topicFiles embed.FS

// topic is something to explain that is no command.
type topic struct{ name, brief, text string }

// topics returns all of them, in the order of their names.
func topics() []topic {
	files, err := topicFiles.ReadDir("topics")
	if err != nil {
		panic(err)
	}
	var all []topic
	for _, file := range files {
		text, err := topicFiles.ReadFile("topics/" + file.Name())
		if err != nil {
			panic(err)
		}
		brief, rest, _ := strings.Cut(string(text), "\n\n")
		all = append(all, topic{strings.TrimSuffix(file.Name(), ".txt"), brief, rest})
	}
	return all
}

// help writes the help of the program, or of the command or topic that args name, or all
// of it as a man page.
func help(args []string, out io.Writer) error {
	if len(args) == 0 || args[0] == "help" {
		terminal.Say(out, "%s", overview())
		return nil
	}
	if args[0] == "--man" {
		fmt.Fprint(out, manPage())
		return nil
	}
	var names []string
	for _, t := range topics() {
		if t.name == args[0] {
			fmt.Fprint(out, terminal.Reflow(fmt.Sprintf("%s: %s\n\n%s", t.name, t.brief, t.text), terminal.Columns(out)))
			return nil
		}
		names = append(names, t.name)
	}
	c, err := find(args[0], names...)
	if err != nil {
		return err
	}
	fmt.Fprint(out, c.text(terminal.Columns(out)))
	return nil
}

// overview returns the help of the program.
func overview() string {
	var text strings.Builder
	text.WriteString(`wgpucnn trains convolutional networks on any GPU, through WebGPU.

usage: wgpucnn COMMAND [FLAG]...

`)
	for _, c := range commands() {
		fmt.Fprintf(&text, "  %-11s %s\n", c.name, c.brief)
	}
	text.WriteString(`  help        explain a command or a topic: wgpucnn help train

  --version   print the version

topics:

`)
	for _, t := range topics() {
		fmt.Fprintf(&text, "  %-16s %s\n", t.name, t.brief)
	}
	text.WriteString("\n\"wgpucnn help --man\" prints all of it as a man page.\nColours are for terminals; NO_COLOR=1 turns them off.\n")
	return text.String()
}

// text returns the help of a command, its lines broken for so many columns, or as they are
// for 0.
func (c command) text(columns int) string { return terminal.Reflow(c.help(), columns) }

// usages returns a line for each flag: its name and its value's, what it is, its default.
func usages(flags *pflag.FlagSet) string {
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
