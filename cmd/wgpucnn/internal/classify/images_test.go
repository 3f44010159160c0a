package classify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A folder stands for its images. Other files and folders in it are counted. A missing file stays in
// the list.
func TestList(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"some/b.JPG", "some/a.png", "some/notes.txt", "some/more.png/c.png", "none/notes.txt"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	names, skipped, err := List([]string{"missing.gif", "some", "-"})
	if want := []string{"missing.gif", "some/a.png", "some/b.JPG", "-"}; err != nil || skipped != 2 || !slices.Equal(names, want) {
		t.Errorf("got %q, skipped %d, %v; want %q", names, skipped, err, want)
	}
	if _, _, err := List([]string{"none"}); err == nil || !strings.HasPrefix(err.Error(), "predict: none: no image in this folder: want files named .png") {
		t.Errorf("got %v", err)
	}
}
