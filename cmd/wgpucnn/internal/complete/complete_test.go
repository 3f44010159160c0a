package complete

import (
	"os/exec"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
)

// toy is a program with a flag of each kind.
func toy() Program {
	flags := cmdline.New("paint")
	var names []string
	var text, file string
	cmdline.ListFlag(flags, &names, "colors", nil, "`names` of the wall's [colors]")
	cmdline.PathFlag(flags, &file, "out", "`file` to write")
	flags.StringVar(&text, "brush", "", "`size` of a brush: small or large")
	flags.Bool("dry", false, "don't paint")
	return Program{
		Commands: []Command{
			{Name: "paint", Sub: "again"}, {Name: "paint", Brief: "paint the wall", Words: []string{"again"}, Flags: Flags(flags)},
		},
		Choices: map[string][]string{"colors": {"red", "green"}, "brush": {"small", "large"}},
	}
}

// Each script knows the values of a flag, whether it takes several of them, a file or no value.
func TestScripts(t *testing.T) {
	for shell, c := range map[string]struct {
		script string
		want   []string
	}{
		"bash": {toy().Bash(), []string{
			"  --brush) words='small large' ;;\n", "  --colors) words=$(_wgpucnn_list \"$cur\" red green) ;;\n",
			"'paint again'*) words='' flags='' ;;\n", "'paint '*) words='again' flags='--colors --out --brush --dry --help' ;;\n",
		}},
		"zsh": {toy().Zsh(), []string{
			`'--colors=[names of the wall'\''s \[colors\]]:names:_values -s , names red green'`, `'--out=[file to write]:file:_files'`,
			`'--brush=[size of a brush\: small or large]:size:(small large)'`, `'--dry[don'\''t paint]'`, `'*:word:(again)'`,
		}},
		"fish": {toy().Fish(), []string{
			"-l colors -x -a '(__wgpucnn_list red green)' -d ", "-l out -r -d 'file to write'\n", "-l brush -x -a 'small large' -d ",
			`-l dry -d 'don'\''t paint'`, "'__fish_seen_subcommand_from paint; and not __fish_seen_subcommand_from again' -l dry",
		}},
	} {
		for _, want := range c.want {
			if !strings.Contains(c.script, want) {
				t.Errorf("%s: no %q in\n%s", shell, want, c.script)
			}
		}
	}
}

// bash completes the end of a list, and leaves out what is in it.
func TestBashList(t *testing.T) {
	out, err := exec.Command("bash", "-c", toy().Bash()+`COMP_WORDS=(wgpucnn paint --colors red,); COMP_CWORD=3; _wgpucnn; echo "${COMPREPLY[@]}"`).CombinedOutput()
	if got := string(out); err != nil || got != "red,green\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
