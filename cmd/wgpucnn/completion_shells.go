package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// bashCompletion returns the script for bash, which completes the names of files where it
// gives nothing.
func bashCompletion(all []completed) string {
	var values, each strings.Builder
	for _, name := range chosen() {
		words := "'" + strings.Join(choices[name], " ") + "'"
		if listed(all, name) {
			words = "$(_wgpucnn_list \"$cur\" " + strings.Join(choices[name], " ") + ")"
		}
		fmt.Fprintf(&values, "  --%s) words=%s ;;\n", name, words)
	}
	var names, flags []string
	for _, c := range all {
		if c.sub == "" {
			names = append(names, c.name)
		}
		flags = flags[:0]
		for _, f := range c.flags {
			flags = append(flags, "--"+f.Name)
		}
		fmt.Fprintf(&each, "    '%s %s'*) words='%s' flags='%s' ;;\n", c.name, c.sub, strings.Join(c.words, " "), strings.Join(flags, " "))
	}
	return `# wgpucnn in bash: source <(wgpucnn completion bash)
# _wgpucnn_list TYPED WORD...: what may end a list by commas, of which some is typed.
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

// zshCompletion returns the script for zsh: to be sourced, or kept as _wgpucnn in a
// folder of $fpath.
func zshCompletion(all []completed) string {
	var names, each strings.Builder
	for _, c := range all {
		if c.sub == "" {
			fmt.Fprintf(&names, "    %s\n", quoted(c.name+":"+c.brief))
		}
		fmt.Fprintf(&each, "  '%s %s'*)\n    _arguments", c.name, c.sub)
		for _, f := range c.flags {
			fmt.Fprintf(&each, " \\\n      %s", quoted(zshFlag(f)))
		}
		rest := "*:file:_files"
		if len(c.words) > 0 {
			rest = "*:word:(" + strings.Join(c.words, " ") + ")"
		}
		fmt.Fprintf(&each, " \\\n      %s\n    ;;\n", quoted(rest))
	}
	return `#compdef wgpucnn
# wgpucnn in zsh: source <(wgpucnn completion zsh), after compinit
_wgpucnn_data() {
  _alternative 'words:data:(` + strings.Join(choices["data"], " ") + `)' 'folders:folder:_files -/'
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

// zshFlag returns how zsh's _arguments is told of a flag.
func zshFlag(f *pflag.Flag) string {
	placeholder, usage := pflag.UnquoteUsage(f)
	usage = strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(usage)
	if f.NoOptDefVal != "" {
		return fmt.Sprintf("--%s[%s]", f.Name, usage)
	}
	action := " " // nothing to complete
	switch {
	case f.Name == "data":
		action = "_wgpucnn_data"
	case choices[f.Name] != nil && isList(f):
		action = "_values -s , " + placeholder + " " + strings.Join(choices[f.Name], " ")
	case choices[f.Name] != nil:
		action = "(" + strings.Join(choices[f.Name], " ") + ")"
	case isPath(f):
		action = "_files"
	}
	return fmt.Sprintf("--%s=[%s]:%s:%s", f.Name, usage, placeholder, action)
}

// isPath tells whether a flag takes a file or a folder.
func isPath(f *pflag.Flag) bool { return f.Value.Type() == "path" }

// fishCompletion returns the script for fish, which completes the names of files besides,
// where it is not told otherwise.
func fishCompletion(all []completed) string {
	var text strings.Builder
	text.WriteString(`# wgpucnn in fish: wgpucnn completion fish | source
# What may end a list by commas, of which some is typed.
function __wgpucnn_list
  set -l given (commandline -ct | string replace -r -- '^--[^=]*=' '' | string replace -r -- '[^,]*$' '')
  for word in $argv
    string match -q -- "*,$word,*" ",$given"
    or echo "$given$word"
  end
end
`)
	for _, c := range all {
		const seen = "__fish_seen_subcommand_from "
		after := seen + c.name
		switch {
		case c.sub != "":
			after += "; and " + seen + c.sub
		case len(c.words) > 0:
			after += "; and not " + seen + strings.Join(c.words, " ")
		}
		if c.sub == "" {
			fmt.Fprintf(&text, "complete -c wgpucnn -n __fish_use_subcommand -f -a %s -d %s\n", c.name, quoted(c.brief))
		}
		if len(c.words) > 0 {
			fmt.Fprintf(&text, "complete -c wgpucnn -n %s -f -a %s\n", quoted(after), quoted(strings.Join(c.words, " ")))
		}
		for _, f := range c.flags {
			fmt.Fprintf(&text, "complete -c wgpucnn -n %s %s\n", quoted(after), fishFlag(f))
		}
	}
	return text.String()
}

// fishFlag returns how fish's complete is told of a flag.
func fishFlag(f *pflag.Flag) string {
	_, usage := pflag.UnquoteUsage(f)
	line := "-l " + f.Name
	if f.NoOptDefVal == "" {
		if isPath(f) {
			line += " -r" // files too
		} else {
			line += " -x"
		}
	}
	if words := strings.Join(choices[f.Name], " "); words != "" && isList(f) {
		line += " -a " + quoted("(__wgpucnn_list "+words+")")
	} else if words != "" {
		line += " -a " + quoted(words)
	}
	return line + " -d " + quoted(usage)
}

// quoted returns a text as one word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
