package complete

import (
	"fmt"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"

	"github.com/spf13/pflag"
)

// Zsh returns the script for zsh. The user sources it, or keeps it as _wgpucnn in a folder of
// $fpath.
func (p Program) Zsh() string {
	var names, each strings.Builder
	for _, c := range p.Commands {
		if c.Sub == "" {
			fmt.Fprintf(&names, "    %s\n", quoted(c.Name+":"+c.Brief))
		}
		fmt.Fprintf(&each, "  '%s %s'*)\n    _arguments", c.Name, c.Sub)
		for _, f := range c.Flags {
			fmt.Fprintf(&each, " \\\n      %s", quoted(p.zshFlag(f)))
		}
		rest := "*:file:_files"
		if len(c.Words) > 0 {
			rest = "*:word:(" + strings.Join(c.Words, " ") + ")"
		}
		fmt.Fprintf(&each, " \\\n      %s\n    ;;\n", quoted(rest))
	}
	return `#compdef wgpucnn
# wgpucnn in zsh: source <(wgpucnn completion zsh), after compinit
_wgpucnn_data() {
  _alternative 'words:data:(` + p.words("data") + `)' 'files:file:_files'
}
_wgpucnn() {
  local -a commands=(
` + names.String() + `  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command="$words[2] $words[3]"
  shift words
  ((CURRENT--))
  case $command in
` + each.String() + `  esac
}
if [[ $funcstack[1] == _wgpucnn ]]; then
  _wgpucnn "$@"
else
  compdef _wgpucnn wgpucnn
fi
`
}

// zshFlag returns a flag as an argument of zsh's _arguments.
func (p Program) zshFlag(f *pflag.Flag) string {
	placeholder, usage := pflag.UnquoteUsage(f)
	usage = strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(usage)
	if f.NoOptDefVal != "" {
		return fmt.Sprintf("--%s[%s]", f.Name, usage)
	}
	action := " " // nothing to complete
	switch {
	case f.Name == "data":
		action = "_wgpucnn_data"
	case p.Choices[f.Name] != nil && cmdline.IsList(f):
		action = "_values -s , " + placeholder + " " + p.words(f.Name)
	case p.Choices[f.Name] != nil:
		action = "(" + p.words(f.Name) + ")"
	case cmdline.IsPath(f):
		action = "_files"
	}
	return fmt.Sprintf("--%s=[%s]:%s:%s", f.Name, usage, placeholder, action)
}
