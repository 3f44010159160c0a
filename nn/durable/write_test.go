package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/nn/durable/durabletest"
)

// contents returns the files of a folder and their texts.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(text)
	}
	return all
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	name := strings.Repeat("n", 255) // the longest name that file systems allow
	path := filepath.Join(folder, name)
	for _, want := range []string{"a first, longer text", "a second"} {
		if err := Write(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, folder); len(got) != 1 || got[name] != want {
			t.Errorf("got %v, want only %q", got, want)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o666} {
		if err := errors.Join(os.Chmod(path, mode), Write(path, nil)); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("got %v, %v, want mode %v", info.Mode(), err, mode)
		}
	}
}

// A file is written even if the file system cannot rename or sync. If the disk fails or is
// full, the old file stays and no other file is left.
func TestWriteOnOtherFileSystems(t *testing.T) {
	for name, c := range map[string]struct {
		rename, sync error
		want         error
	}{
		"no rename over an open file": {rename: syscall.EBUSY},
		"no rename":                   {rename: syscall.ENOSYS},
		"no sync":                     {sync: syscall.EINVAL},
		"no sync, other words":        {sync: syscall.ENOTSUP},
		"neither":                     {rename: syscall.EPERM, sync: syscall.ENOSYS},
		"a program that runs":         {rename: fileBusy},
		"no rename over a file":       {rename: syscall.EEXIST},
		"a broken disk":               {sync: syscall.EIO, want: syscall.EIO},
		"a full disk":                 {sync: syscall.ENOSPC, want: syscall.ENOSPC},
		"a broken disk, later":        {rename: syscall.EIO, want: syscall.EIO},
		"a full disk, later":          {rename: syscall.ENOSPC, want: syscall.ENOSPC},
	} {
		t.Run(name, func(t *testing.T) {
			durabletest.Refuse(t, func(change string) error {
				switch kind, _, _ := strings.Cut(change, " /"); {
				case kind == "rename" && c.rename != nil:
					return &os.LinkError{Op: "rename", Old: "a", New: "b", Err: c.rename}
				case kind == "sync" && c.sync != nil:
					return &fs.PathError{Op: "sync", Path: "a", Err: c.sync}
				}
				return nil
			})
			folder := t.TempDir()
			path := filepath.Join(folder, "a.txt")
			if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			want := "new"
			err := Write(path, []byte("new"))
			if c.want != nil {
				want = "old"
				if !errors.Is(err, c.want) || err.Error() != "write "+path+": "+c.want.Error() {
					t.Errorf("got %v, want %v", err, c.want)
				}
			} else if err != nil {
				t.Error(err)
			}
			if got := contents(t, folder); len(got) != 1 || got["a.txt"] != want {
				t.Errorf("the folder has %v, want only %q", got, want)
			}
		})
	}
}

// A link stays a link, and its target is written.
func TestWriteThroughALink(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	file, link := filepath.Join(elsewhere, "a.txt"), filepath.Join(folder, "link.txt")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o644), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if target, err := os.Readlink(link); target != file {
		t.Errorf("the link leads to %q, %v, want %s", target, err, file)
	}
	if got := contents(t, elsewhere); len(got) != 1 || got["a.txt"] != "new" {
		t.Errorf("the file's folder has %v", got)
	}
}

// A device stays a device.
func TestWriteToADevice(t *testing.T) {
	if err := Write(os.DevNull, []byte("text")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

func TestWriteFails(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{folder, filepath.Join(folder, "missing", "a.txt")} {
		if err := Write(path, []byte("text")); err == nil || strings.Count(err.Error(), folder) != 1 {
			t.Errorf("got %v, want an error that names %s once", err, path)
		}
	}
}
