package main

import (
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Every flag that takes a file or a folder knows the user's home folder.
func TestPathFlags(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, c := range allCompleted() {
		for _, f := range c.flags {
			placeholder, _ := pflag.UnquoteUsage(f)
			if takes := slices.Contains([]string{"file", "folder", "model"}, placeholder); takes != isPath(f) {
				t.Errorf("%s --%s takes a %s: it is a %s", c.name, f.Name, placeholder, f.Value.Type())
			}
			if !isPath(f) {
				continue
			}
			found++
			for text, want := range map[string]string{
				"~": "/home/me", "~/a/b": "/home/me/a/b", "~" + me.Username + "/a": me.HomeDir + "/a", "~no-such-user/a": "~no-such-user/a", "./~/a": "./~/a", "a~/b": "a~/b", "builtin": "builtin", "": "",
			} {
				if err := f.Value.Set(text); err != nil || f.Value.String() != want {
					t.Errorf("%s --%s: %q became %q, %v, want %q", c.name, f.Name, text, f.Value, err, want)
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

// A list reads back what it writes, whatever the names are.
func TestList(t *testing.T) {
	for text, want := range map[string][]string{
		"a,b":                {"a", "b"},
		" a , b\t":           {"a", "b"},
		"palm tree, [x] ,0":  {"palm tree", "[x]", "0"},
		`"a,b", c`:           {"a,b", "c"},
		`12" disc,a"b`:       {`12" disc`, `a"b`},
		"Müller,été,\u00a0林": {"Müller", "été", "林"},
	} {
		var names, again []string
		l := list{names: &names}
		if err := l.Set(text); err != nil || !slices.Equal(names, want) {
			t.Errorf("%q: got %q, %v, want %q", text, names, err, want)
		}
		if err := (&list{names: &again}).Set(l.String()); err != nil || !slices.Equal(again, want) {
			t.Errorf("%q, written as %q: got %q, %v", text, l.String(), again, err)
		}
		if err := l.Set("more"); err != nil || len(names) != len(want)+1 {
			t.Errorf("%q given again: got %q, %v", text, names, err)
		}
	}
	for text, want := range map[string]string{
		"": "an empty name", " ": "an empty name", "a,": "an empty name", ",a": "an empty name", "a, ,b": "an empty name",
		"a,b, a": "a stands there twice", "a\nb": "more than one line",
	} {
		names := []string{"default"}
		if err := (&list{names: &names}).Set(text); err == nil || err.Error() != want || !slices.Equal(names, []string{"default"}) {
			t.Errorf("%q: got %v and %q, want %s", text, err, names, want)
		}
	}
}

func TestMapping(t *testing.T) {
	var m, again mapping
	if err := m.Set(" conv1 = features.0 ,conv2=a=b"); err != nil {
		t.Fatal(err)
	}
	want := mapping{"conv1": "features.0", "conv2": "a=b"}
	if err := again.Set(m.String()); err != nil || !maps.Equal(m, want) || !maps.Equal(again, want) {
		t.Errorf("got %q and %q, %v, want %q", m, again, err, want)
	}
}
