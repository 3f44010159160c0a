// Package runstest reads what runs leave, for tests.
package runstest

import (
	"io/fs"
	"os"
	"testing"
)

// Files returns the contents of all files below a folder by their paths, with slashes. It follows no
// links.
func Files(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	below := os.DirFS(folder)
	err := fs.WalkDir(below, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		all[path], err = fs.ReadFile(below, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
