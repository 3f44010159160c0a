package complete

import (
	"fmt"
	"strings"
)

// Bash returns the script for bash. If the script offers nothing, bash completes the names of files.
func (p Program) Bash() string {
	var values, each strings.Builder
	for _, name := range p.chosen() {
		words := "'" + p.words(name) + "'"
		if p.listed(name) {
			words = "$(_wgpucnn_list \"$cur\" " + p.words(name) + ")"
		}
		fmt.Fprintf(&values, "  --%s) words=%s ;;\n", name, words)
	}
	var names, flags []string
	for _, c := range p.Commands {
		if c.Sub == "" {
			names = append(names, c.Name)
		}
		flags = flags[:0]
		for _, f := range c.Flags {
			flags = append(flags, "--"+f.Name)
		}
		fmt.Fprintf(&each, "    '%s %s'*) words='%s' flags='%s' ;;\n", c.Name, c.Sub, strings.Join(c.Words, " "), strings.Join(flags, " "))
	}
	return `# wgpucnn in bash: source <(wgpucnn completion bash)
# _wgpucnn_list TYPED WORD...: what may end a list by commas. Some of the list is typed.
_wgpucnn_list() {
  local word given=
  if [[ $1 == *,* ]]; then
    given=${1%,*},
  fi
  for word in "${@:2}"; do
    [[ ,$given == *,$word,* ]] || echo "$given$word"
  done
}
_wgpucnn() {
  local cur=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} words= flags=
  # --flag=value is three words to bash.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $flag == = ]]; then
    flag=${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $flag in
` + values.String() + `  *)
    case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in
` + each.String() + `    esac
    if ((COMP_CWORD == 1)); then
      words='` + strings.Join(names, " ") + `' flags='--help --version'
    fi
    if [[ $cur == -* ]]; then
      words=$flags
    fi
    ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _wgpucnn wgpucnn
`
}
