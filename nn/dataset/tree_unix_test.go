//go:build unix

package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// namesOn walks through a tree and returns the names of the files that can be opened, and of the others.
func namesOn(t *testing.T, source string) (files, others []string) {
	t.Helper()
	tr, err := openTree(source, func(done, total int64) {})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	err = walk(context.Background(), tr, func(f leaf) error {
		if f.open == nil {
			others = append(others, f.name)
			return nil
		}
		files = append(files, f.name)
		r, err := f.open()
		if err == nil {
			defer r.Close()
			_, err = io.ReadAll(r)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, others
}

// In a folder, links to files and folders are followed, but not in a circle. What is hidden or no file is
// not opened.
func TestFolder(t *testing.T) {
	elsewhere, root := t.TempDir(), t.TempDir()
	err := errors.Join(
		os.MkdirAll(filepath.Join(root, "cat", "more"), 0o777), os.MkdirAll(filepath.Join(root, ".git"), 0o777),
		os.WriteFile(filepath.Join(root, "z.txt"), nil, 0o666), os.WriteFile(filepath.Join(root, ".git", "config"), nil, 0o666),
		os.WriteFile(filepath.Join(root, "cat", "more", "1.png"), nil, 0o666), os.WriteFile(filepath.Join(elsewhere, "2.png"), nil, 0o666),
		os.Symlink(elsewhere, filepath.Join(root, "dog")), os.Symlink(root, filepath.Join(root, "cat", "again")),
		os.Symlink(filepath.Join(elsewhere, "2.png"), filepath.Join(root, "cat", "3.png")), os.Symlink("nowhere", filepath.Join(root, "cat", "4.png")),
		syscall.Mkfifo(filepath.Join(root, "cat", "5.png"), 0o666),
	)
	if err != nil {
		t.Fatal(err)
	}
	files, others := namesOn(t, root)
	if want := []string{"z.txt", "cat/3.png", "cat/more/1.png", "dog/2.png"}; !slices.Equal(files, want) {
		t.Errorf("files: got %q, want %q", files, want)
	}
	if want := []string{".git", "cat/4.png", "cat/5.png", "cat/again"}; !slices.Equal(others, want) {
		t.Errorf("others: got %q, want %q", others, want)
	}
	if _, err := openTree(filepath.Join(root, "cat", "5.png"), nil); err == nil {
		t.Error("a pipe: got no error")
	}
}

// A few links that make many folders give an error.
func TestFolderOfManyLinks(t *testing.T) {
	root := t.TempDir()
	for i := range 12 {
		err := os.Mkdir(filepath.Join(root, fmt.Sprint(i)), 0o777)
		for _, name := range []string{"a", "b"} {
			err = errors.Join(err, os.Symlink(filepath.Join("..", fmt.Sprint(i+1)), filepath.Join(root, fmt.Sprint(i), name)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w := walker{folder(root), func(leaf) error { return nil }, 1000}
	if err := w.below(context.Background(), "", nil); err == nil || err.Error() != "too many folders: want those of one data set" {
		t.Errorf("got %v", err)
	}
}

// In an archive, links and names that lead out of it are no files.
func TestArchive(t *testing.T) {
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, h := range []tar.Header{
		{Name: "cat/", Typeflag: tar.TypeDir}, {Name: "./cat/1.png", Typeflag: tar.TypeReg}, {Name: "../out.png", Typeflag: tar.TypeReg},
		{Name: "/etc/passwd", Typeflag: tar.TypeReg}, {Name: "cat/2.png", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{Name: "cat/3.png", Typeflag: tar.TypeLink, Linkname: "../../etc/passwd"}, {Name: "cat/4.png", Typeflag: tar.TypeFifo},
		{Name: "cat/../../5.png", Typeflag: tar.TypeReg}, {Name: "cat/../dog/6.png", Typeflag: tar.TypeReg},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files, others := namesOn(t, writeFile(t, "a.tar", plain.Bytes()))
	if want := []string{"cat/1.png", "dog/6.png"}; !slices.Equal(files, want) {
		t.Errorf("files: got %q, want %q", files, want)
	}
	if want := []string{"../out.png", "/etc/passwd", "cat/2.png", "cat/3.png", "cat/4.png", "../5.png"}; !slices.Equal(others, want) {
		t.Errorf("others: got %q, want %q", others, want)
	}
	files, others = namesOn(t, writeZip(t, "a.zip", "", map[string][]byte{"cat/1.png": nil, "../out.png": nil, "/etc/passwd": nil, "cat\\2.png": nil}))
	if want := []string{"cat/1.png", "cat\\2.png"}; !slices.Equal(files, want) {
		t.Errorf("files of a zip: got %q, want %q", files, want)
	}
	if want := []string{"../out.png", "/etc/passwd"}; !slices.Equal(others, want) {
		t.Errorf("others of a zip: got %q, want %q", others, want)
	}
}
