// Package durabletest records what a program does to files, and shows what a power cut leaves of it.
package durabletest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wgpucnn/nn/durable/internal/disk"
)

// Refuse makes changes of files fail until the test ends. f gets a change, such as "rename a, b", and
// returns its error, or nil.
func Refuse(t testing.TB, f func(change string) error) {
	hear(t, func(c disk.Change) error { return f(c.String()) })
}

// hear calls f before each change of a file. That ends with the test, or when the caller calls stop.
func hear(t testing.TB, f func(disk.Change) error) (stop func()) {
	var mu sync.Mutex // several goroutines may write files
	disk.Before = func(c disk.Change) error {
		mu.Lock()
		defer mu.Unlock()
		return f(c)
	}
	stop = func() { disk.Before = nil }
	t.Cleanup(stop)
	return stop
}

// Recording is what a folder held, and what was done to it then.
type Recording struct {
	before  tree
	changes []change
}

// change is a change of the folder.
type change struct {
	disk.Change       // the paths are relative to the folder
	node        *node // that Create, Mkdir or Symlink makes, or that SyncFile syncs
}

// Record records what f does to the files in a folder, and below it.
func Record(t testing.TB, folder string, f func()) *Recording {
	t.Helper()
	r := &Recording{before: read(t, folder)}
	now := maps.Clone(r.before)
	stop := hear(t, func(c disk.Change) error {
		c, ok := within(t, folder, c)
		if !ok {
			return nil
		}
		next := change{Change: c}
		switch c.Kind {
		case disk.Create, disk.Mkdir, disk.Symlink:
			next.node = &node{kind: c.Kind, target: c.To, fresh: true}
		case disk.SyncFile:
			if next.node = now[c.Path]; next.node == nil {
				return nil // made without package durable, see below
			}
			var err error
			if next.node.data, err = os.ReadFile(filepath.Join(folder, c.Path)); err != nil {
				t.Error(err)
			}
		}
		now.apply(next)
		r.changes = append(r.changes, next)
		return nil
	})
	f()
	stop()
	if got, want := slices.Sorted(maps.Keys(read(t, folder))), slices.Sorted(maps.Keys(now)); !slices.Equal(got, want) {
		t.Errorf("the folder has %q, by what package durable did it has %q", got, want)
	}
	return r
}

// within returns a change with paths relative to the folder. ok is false if the change is elsewhere.
func within(t testing.TB, folder string, c disk.Change) (_ disk.Change, ok bool) {
	relative := func(path string) string {
		path, err := filepath.Abs(path)
		if err == nil {
			path, err = filepath.Rel(folder, path)
		}
		if err != nil {
			t.Error(err)
		}
		return path
	}
	c.Path = relative(c.Path)
	if c.Kind == disk.Rename {
		c.To = relative(c.To)
	}
	return c, c.Path != ".." && !strings.HasPrefix(c.Path, ".."+string(filepath.Separator))
}

// Changes returns the changes as texts.
func (r *Recording) Changes() []string {
	var all []string
	for _, c := range r.changes {
		all = append(all, c.String())
	}
	return all
}

// Cut is what a power cut may leave of a folder.
type Cut struct {
	Done []string // the changes before the cut
	How  string   // what became of those that were not synced
	tree tree
}

// Lay makes the files that are left, in a new folder.
func (c Cut) Lay(t testing.TB) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := c.tree.lay(folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// Cuts returns what a cut after each of the changes may leave. What was synced is there. The disk may
// have all other changes, none of them, all but one, or one alone. Files that were not synced are empty
// or half there. Of the cuts that leave the same files the last is returned.
func (r *Recording) Cuts() []Cut {
	var all []Cut
	seen := map[string]int{} // the place in all of what is left
	texts := r.Changes()
	for end := range len(r.changes) + 1 {
		var open []int // the changes that no sync covers
		for i := range end {
			if r.changes[i].isName() && !r.synced(i, end) {
				open = append(open, i)
			}
		}
		add := func(how string, half bool, kept func(i int) bool) {
			left := r.left(end, half, func(i int) bool { return !slices.Contains(open, i) || kept(i) })
			cut, key := Cut{texts[:end], how, left}, left.String()
			if at, known := seen[key]; known {
				all[at] = cut
				return
			}
			seen[key] = len(all)
			all = append(all, cut)
		}
		add("all kept", true, func(int) bool { return true })
		add("all kept, files empty", false, func(int) bool { return true })
		add("all lost", false, func(int) bool { return false })
		for _, one := range open {
			add("lost: "+texts[one], false, func(i int) bool { return i != one })
			add("kept: "+texts[one], false, func(i int) bool { return i == one })
		}
	}
	return all
}

// isName tells whether a change is one of the names in a folder.
func (c change) isName() bool { return c.Kind != disk.SyncFile && c.Kind != disk.SyncFolder }

// synced tells whether change i was synced before the end.
func (r *Recording) synced(i, end int) bool {
	folder := filepath.Dir(r.changes[i].Path)
	return slices.ContainsFunc(r.changes[i:end], func(c change) bool { return c.Kind == disk.SyncFolder && c.Path == folder })
}

// left returns what a cut leaves if of the changes of names before the end those are kept.
func (r *Recording) left(end int, half bool, kept func(i int) bool) tree {
	now := maps.Clone(r.before)
	contents := map[*node]bool{} // the files that were synced
	for i, c := range r.changes[:end] {
		if c.Kind == disk.SyncFile {
			contents[c.node] = true
		} else if kept(i) {
			now.apply(c)
		}
	}
	for path, n := range now {
		if n.kind == disk.Create && n.fresh && !contents[n] {
			now[path] = n.lost(half)
		}
	}
	return now
}
