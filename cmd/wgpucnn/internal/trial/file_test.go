package trial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const own = "fn f() {}\n"

// newFile returns the path of a file with a text.
func newFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.wgsl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a file whose changed texts contain "changed".
func open(t *testing.T, path string) (*File, bool) {
	t.Helper()
	f, restored, err := Open(path, isChanged)
	if err != nil {
		t.Fatal(err)
	}
	return f, restored
}

func isChanged(_, text string) bool { return strings.Contains(text, "changed") }

// checkText fails unless a file has a text.
func checkText(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s: got %q, %v, want %q", path, got, err, want)
	}
}

// checkRestored fails unless a file has its own text, and nothing lies beside it.
func checkRestored(t *testing.T, path, text string) {
	t.Helper()
	checkText(t, path, text)
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("beside %s: %v, %v", path, entries, err)
	}
}

func TestFile(t *testing.T) {
	path := newFile(t, own)
	f, restored := open(t, path)
	if f.Text != own || restored {
		t.Errorf("got %q, %v", f.Text, restored)
	}
	for _, text := range []string{"changed", "changed again", own, ""} {
		if err := f.Put(text); err != nil {
			t.Fatal(err)
		}
		checkText(t, path, text)
		checkText(t, path+KeptSuffix, own)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	checkRestored(t, path, own)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// A link leads to the file, which is locked by any name.
func TestLink(t *testing.T) {
	path := newFile(t, own)
	link := filepath.Join(t.TempDir(), "link.wgsl")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	f, _ := open(t, link)
	if err := f.Put("changed"); err != nil {
		t.Fatal(err)
	}
	checkText(t, path, "changed")
	if _, _, err := Open(path, isChanged); err == nil || !strings.Contains(err.Error(), "another process tries changed texts of it") {
		t.Errorf("held: got %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	checkRestored(t, path, own)
	g, _ := open(t, path)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// What a killed process leaves is restored, whenever it was killed. What the user has written since
// stays.
func TestKilled(t *testing.T) {
	for name, c := range map[string]struct {
		text, kept string
		want       string // "" if the file must be refused
		restored   bool
	}{
		"before the copy":             {own, "", own, false},
		"while it wrote the copy":     {own, own[:3], own, false},
		"before the first change":     {own, own, own, false},
		"after a change":              {"changed", own, own, true},
		"after a change that appends": {own + "changed", own, own, true},
		"and the user wrote more":     {own + "more", own, own + "more", false},
		"and the user wrote another":  {"another", own, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t, c.text)
			if err := os.WriteFile(path+KeptSuffix, []byte(c.kept), 0o600); err != nil {
				t.Fatal(err)
			}
			f, restored, err := Open(path, isChanged)
			if c.want == "" {
				if err == nil || !strings.Contains(err.Error(), "has changed since: keep what is right in the second, and remove the first") {
					t.Errorf("got %v", err)
				}
				checkText(t, path, c.text)
				checkText(t, path+KeptSuffix, c.kept)
				return
			}
			if err != nil || restored != c.restored || f.Text != c.want {
				t.Fatalf("got %q, %v, %v", f.Text, restored, err)
			}
			checkText(t, path, c.want)
			checkText(t, path+KeptSuffix, c.want)
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			checkRestored(t, path, c.want)
		})
	}
}

// What the user writes meanwhile stays, and so does the copy.
func TestEdited(t *testing.T) {
	path := newFile(t, own)
	f, _ := open(t, path)
	if err := f.Put("changed"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("edited"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"Put": f.Put("changed again"), "Close": f.Close()} {
		if err == nil || !strings.Contains(err.Error(), "was edited meanwhile, and stays like that") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	checkText(t, path, "edited")
	checkText(t, path+KeptSuffix, own)
}

func TestNoFile(t *testing.T) {
	folder := t.TempDir()
	large := newFile(t, strings.Repeat(" ", mostText+1))
	for path, want := range map[string]string{filepath.Join(folder, "none.wgsl"): "no such file", folder: "want a file", large: "more than 256 KiB"} {
		if _, _, err := Open(path, isChanged); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
		if _, err := os.Stat(path + KeptSuffix); err == nil {
			t.Errorf("%s%s lies there", path, KeptSuffix)
		}
	}
}
