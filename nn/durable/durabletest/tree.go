package durabletest

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn/durable/internal/disk"
)

// node is a file, a folder or a symbolic link. It stays the same when it gets another name.
type node struct {
	kind   disk.Kind // Create for a file, Mkdir for a folder, Symlink for a link
	data   []byte    // that is or will be synced
	target string    // of a link
	fresh  bool      // made during the recording
}

// lost returns the file after a cut before its sync.
func (n *node) lost(half bool) *node {
	if !half {
		return &node{kind: n.kind}
	}
	return &node{kind: n.kind, data: n.data[:len(n.data)/2]}
}

// tree is what a folder holds, by the paths relative to it. "." is the folder.
type tree map[string]*node

// read returns what a folder holds.
func read(t testing.TB, folder string) tree {
	t.Helper()
	all := tree{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		n := &node{kind: disk.Create}
		switch {
		case entry.IsDir():
			n.kind = disk.Mkdir
		case entry.Type() == fs.ModeSymlink:
			n.kind = disk.Symlink
			n.target, err = os.Readlink(path)
		default:
			n.data, err = os.ReadFile(path)
		}
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		all[relative] = n
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// apply changes a tree as a disk would. It leaves out what fails, such as a file in a folder that is lost.
func (t tree) apply(c change) {
	switch c.Kind {
	case disk.Create, disk.Mkdir, disk.Symlink:
		if t[filepath.Dir(c.Path)] != nil && (c.Kind == disk.Create || t[c.Path] == nil) {
			t[c.Path] = c.node
		}
	case disk.Remove:
		t.remove(c.Path)
	case disk.Rename:
		if t[c.Path] == nil || t[filepath.Dir(c.To)] == nil {
			return
		}
		t.remove(c.To)
		for _, path := range slices.Collect(maps.Keys(t)) {
			if rest, ok := below(path, c.Path); ok {
				t[c.To+rest] = t[path]
				delete(t, path)
			}
		}
	}
}

func (t tree) remove(path string) {
	maps.DeleteFunc(t, func(p string, _ *node) bool { _, ok := below(p, path); return ok })
}

// below tells whether a path is a folder or lies in it, and returns the rest of the path.
func below(path, folder string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, folder)
	return rest, ok && (rest == "" || rest[0] == filepath.Separator)
}

// String tells a tree from others.
func (t tree) String() string {
	var text strings.Builder
	for _, path := range slices.Sorted(maps.Keys(t)) {
		n := t[path]
		fmt.Fprintf(&text, "%q %d %q %x\n", path, n.kind, n.target, sha256.Sum256(n.data))
	}
	return text.String()
}

// lay makes the files of a tree in a new folder.
func (t tree) lay(folder string) error {
	for _, path := range slices.Sorted(maps.Keys(t)) {
		n, to := t[path], filepath.Join(folder, path)
		var err error
		switch n.kind {
		case disk.Mkdir:
			err = os.MkdirAll(to, 0o777)
		case disk.Symlink:
			err = os.Symlink(n.target, to)
		default:
			err = os.WriteFile(to, n.data, 0o666)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
