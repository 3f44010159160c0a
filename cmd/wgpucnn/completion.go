package main

import (
	"context"
	"fmt"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/complete"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"

	"github.com/spf13/pflag"
)

// shells are the shells with a completion script.
var shells = []string{"bash", "zsh", "fish"}

func completionFlags(*struct{}) *pflag.FlagSet { return cmdline.New("completion") }

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
	rest, err := cmdline.ParseFiles(completionFlags(nil), args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return fail.Usagef("completion: no shell: want one of bash, zsh, fish")
	case len(rest) > 1:
		return fail.Usagef("completion: unexpected argument %q: want one shell", rest[1])
	}
	switch program := completed(); rest[0] {
	case "bash":
		fmt.Fprint(out.out, program.Bash())
	case "zsh":
		fmt.Fprint(out.out, program.Zsh())
	case "fish":
		fmt.Fprint(out.out, program.Fish())
	default:
		return fail.Usagef("completion: unknown shell %q: want one of bash, zsh, fish", rest[0])
	}
	return nil
}

// completed returns the program for package complete. A command with a second word stands before
// the same command without that word.
func completed() complete.Program {
	all := []complete.Command{{Name: "bench", Sub: "compare", Flags: complete.Flags(compareFlags(&compareSettings{}))}}
	words := map[string][]string{"bench": {"compare"}, "completion": shells}
	var helped []string
	for _, c := range commands() {
		helped = append(helped, c.name)
		all = append(all, complete.Command{Name: c.name, Brief: c.brief, Words: words[c.name], Flags: complete.Flags(c.flags())})
	}
	for _, t := range manual.Topics() {
		helped = append(helped, t.Name)
	}
	all = append(all, complete.Command{Name: "help", Brief: "explain a command or a topic", Words: helped})
	return complete.Program{Commands: all, Choices: choose.Choices}
}
