package cmdline

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
)

// path is the value of a flag that takes a file or a folder. A leading ~ means the user's home
// folder and ~name another user's: shells do not replace it in --out=~/run. If there is no such
// user, ~name is the name of a file, as in shells.
type path string

// PathFlag adds a flag that takes a file or a folder.
func PathFlag(flags *pflag.FlagSet, to *string, name, usage string) {
	flags.Var((*path)(to), name, usage)
}

// IsPath tells whether a flag takes a file or a folder.
func IsPath(f *pflag.Flag) bool {
	_, is := f.Value.(*path)
	return is
}

func (p *path) String() string { return string(*p) }
func (p *path) Type() string   { return "path" }

func (p *path) Set(text string) error {
	first, rest := text, ""
	if i := strings.IndexByte(text, '/'); i >= 0 {
		first, rest = text[:i], text[i:]
	}
	if first == "~" {
		home, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("no home folder for ~: %w", err)
		}
		first = home
	} else if name, ok := strings.CutPrefix(first, "~"); ok {
		if other, err := user.Lookup(name); err == nil {
			first = other.HomeDir
		}
	}
	*p = path(first + rest)
	return nil
}

// CheckFile returns an error if the file that a flag names cannot be written: it has no folder to
// lie in, or it is a folder itself. flag stands first in the error, such as "eval: --png". An empty
// file is right: the flag was not given.
func CheckFile(flag, file string) error {
	if file == "" {
		return nil
	}
	folder := filepath.Dir(file)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("%s %s: there is no folder %s: make it first", flag, file, folder)
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("%s %s: that is a folder: want a file", flag, file)
	}
	return nil
}

// Absolute returns a path from the root. It returns the path unchanged if the system cannot tell
// the current folder.
func Absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
