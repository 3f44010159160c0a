package complete

import (
	"fmt"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"

	"github.com/spf13/pflag"
)

// Fish returns the script for fish. fish completes the names of files too, unless a line says -f or
// -x.
func (p Program) Fish() string {
	var text strings.Builder
	text.WriteString(`# wgpucnn in fish: wgpucnn completion fish | source
# What may end a list by commas. Some of the list is typed.
function __wgpucnn_list
  set -l given (commandline -ct | string replace -r -- '^--[^=]*=' '' | string replace -r -- '[^,]*$' '')
  for word in $argv
    string match -q -- "*,$word,*" ",$given"
    or echo "$given$word"
  end
end
`)
	for _, c := range p.Commands {
		const seen = "__fish_seen_subcommand_from "
		after := seen + c.Name
		switch {
		case c.Sub != "":
			after += "; and " + seen + c.Sub
		case len(c.Words) > 0:
			after += "; and not " + seen + strings.Join(c.Words, " ")
		}
		if c.Sub == "" {
			fmt.Fprintf(&text, "complete -c wgpucnn -n __fish_use_subcommand -f -a %s -d %s\n", c.Name, quoted(c.Brief))
		}
		if len(c.Words) > 0 {
			fmt.Fprintf(&text, "complete -c wgpucnn -n %s -f -a %s\n", quoted(after), quoted(strings.Join(c.Words, " ")))
		}
		for _, f := range c.Flags {
			fmt.Fprintf(&text, "complete -c wgpucnn -n %s %s\n", quoted(after), p.fishFlag(f))
		}
	}
	return text.String()
}

// fishFlag returns a flag as arguments of fish's complete.
func (p Program) fishFlag(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	line := "-l " + f.Name
	if f.NoOptDefVal == "" {
		if cmdline.IsPath(f) {
			line += " -r" // files too
		} else {
			line += " -x"
		}
	}
	if words := p.words(f.Name); words != "" && cmdline.IsList(f) {
		line += " -a " + quoted("(__wgpucnn_list "+words+")")
	} else if words != "" {
		line += " -a " + quoted(words)
	}
	return line + " -d " + quoted(usage)
}
