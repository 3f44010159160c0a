// Package cmdline reads a command's flags: paths, lists and mappings beside pflag's own values, with
// errors that name the flag.
package cmdline

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn/spell"

	"github.com/spf13/pflag"
)

// New returns a command's flags without any. Help texts list them in the order of their
// definition.
func New(command string) *pflag.FlagSet {
	flags := pflag.NewFlagSet(command, pflag.ContinueOnError)
	flags.SortFlags = false
	return flags
}

// Parse parses the flags of a command that takes no other arguments.
func Parse(flags *pflag.FlagSet, args []string) error {
	rest, err := ParseFiles(flags, args)
	if err == nil && len(rest) > 0 {
		return fail.Usagef("%s: unexpected argument %q: want flags alone", flags.Name(), rest[0])
	}
	return err
}

// ParseFiles parses the flags of a command that takes other arguments too. It returns those.
func ParseFiles(flags *pflag.FlagSet, args []string) ([]string, error) {
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return nil, err
		}
		return nil, fail.Usagef("%s: %v%s", flags.Name(), err, meant(flags, err))
	}
	return flags.Args(), nil
}

// meant returns the question after an unknown flag that is like one of a command's flags: a letter
// is missing or wrong, or one dash stands for two.
func meant(flags *pflag.FlagSet, err error) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return ""
	}
	typed := unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		typed, _, _ = strings.Cut(letters, "=")
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	name, ok := spell.Nearest(typed, names)
	if !ok {
		return ""
	}
	return fmt.Sprintf(": did you mean --%s?", name)
}
