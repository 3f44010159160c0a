package main

import (
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"

	"github.com/spf13/pflag"
)

// Every flag that takes a file or a folder knows the home folders of users.
func TestPathFlags(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range completed().Commands {
		for _, f := range c.Flags {
			placeholder, _ := pflag.UnquoteUsage(f)
			if takes := slices.Contains([]string{"file", "folder", "model"}, placeholder); takes != cmdline.IsPath(f) {
				t.Errorf("%s --%s takes a %s: it is a %s", c.Name, f.Name, placeholder, f.Value.Type())
			}
			if !cmdline.IsPath(f) {
				continue
			}
			found++
			for text, want := range map[string]string{
				"~": "/home/me", "~/a/b": "/home/me/a/b", "~" + me.Username + "/a": me.HomeDir + "/a", "~no-such-user/a": "~no-such-user/a", "./~/a": "./~/a", "a~/b": "a~/b", "builtin": "builtin", "": "",
			} {
				if err := f.Value.Set(text); err != nil || f.Value.String() != want {
					t.Errorf("%s --%s: %q became %q, %v, want %q", c.Name, f.Name, text, f.Value, err, want)
				}
			}
		}
	}
	if found < 12 {
		t.Errorf("%d flags take a path", found)
	}
	t.Setenv("HOME", "")
	if status, _, err := call("report", "run", "--out=~/page.html"); status != 2 || !strings.Contains(err, `"--out" flag: no home folder for ~`) {
		t.Errorf("without a home: status %d, %q", status, err)
	}
}

func TestHomeFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(t.TempDir())
	mustCall(t, "data", "--sheet=~/sheet.png")
	if _, err := os.Stat(filepath.Join(home, "sheet.png")); err != nil {
		t.Error(err)
	}
}
