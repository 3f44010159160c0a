package choose

import (
	"path/filepath"
	"testing"
)

// A folder has the same meaning in every current folder. A name of data stays a name.
func TestSource(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	for data, want := range map[string]string{"builtin": "builtin", "cifar100": "cifar100", "mine": filepath.Join(work, "mine"), "/mine": "/mine"} {
		s := Source{Data: data}
		s.Absolute()
		if s.Data != want {
			t.Errorf("%s: got %s, want %s", data, s.Data, want)
		}
		s.URL = "http://localhost/"
		if err := s.Check("eval"); (err == nil) != (data == "cifar100") {
			t.Errorf("--data %s with --url: got %v", data, err)
		}
	}
}
