package cmdline

import (
	"strings"

	"github.com/spf13/pflag"
)

// texts is the value of a flag that takes a text. Each further flag adds one.
type texts struct{ all *[]string }

// TextsFlag adds a flag that takes a text, and may be given several times.
func TextsFlag(flags *pflag.FlagSet, to *[]string, name, usage string) {
	flags.Var(&texts{to}, name, usage)
}

// Words returns the words that give a flag its value on a command line: one, or one for each text.
func Words(f *pflag.Flag) []string {
	values := []string{f.Value.String()}
	if t, ok := f.Value.(*texts); ok {
		values = *t.all
	}
	var words []string
	for _, value := range values {
		words = append(words, "--"+f.Name+"="+value)
	}
	return words
}

func (t *texts) String() string {
	if t.all == nil {
		return ""
	}
	return strings.Join(*t.all, "; ")
}

func (t *texts) Type() string { return "text" }

func (t *texts) Set(text string) error {
	*t.all = append(*t.all, text)
	return nil
}
