package main

import (
	"fmt"
	"io"
	"syscall"

	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/signals"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/version"
)

// help writes the help of the program, or of the command or topic that args name, or all of it as
// a man page.
func help(args []string, out io.Writer) error {
	if len(args) == 0 || args[0] == "help" {
		terminal.Say(out, "%s", manual.Overview(explained()))
		return nil
	}
	if args[0] == "--man" {
		fmt.Fprint(out, manual.Page(version.Program(), explained(), exitStatus()))
		return nil
	}
	var names []string
	for _, t := range manual.Topics() {
		if t.Name == args[0] {
			fmt.Fprint(out, terminal.Reflow(t.Help(), terminal.Columns(out)))
			return nil
		}
		names = append(names, t.Name)
	}
	c, err := find(args[0], names...)
	if err != nil {
		return err
	}
	c.explain(out)
	return nil
}

// explain writes the help of a command.
func (c command) explain(out io.Writer) {
	fmt.Fprint(out, terminal.Reflow(c.help(), terminal.Columns(out)))
}

// explained returns the commands with their help.
func explained() []manual.Command {
	var all []manual.Command
	for _, c := range commands() {
		all = append(all, manual.Command{Name: c.name, Brief: c.brief, Help: c.help()})
	}
	return all
}

// exitStatus returns what the man page says about the exit status.
func exitStatus() string {
	return fmt.Sprintf(`%d where all went well, %d for a failure, %d for a mistake on the command line. A command that a signal stopped
returns 128 plus the signal: %d after Ctrl-C, %d after SIGTERM, %d when the terminal closed, %d when the reader of the
output has gone.
`, exitOK, exitFailure, exitUsage, signals.Caught(syscall.SIGINT).Status(), signals.Caught(syscall.SIGTERM).Status(), signals.Hangup.Status(), signals.Pipe.Status())
}
