package dataset

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// tree is the files of a data set: those below a folder, or those in an archive. An archive is read
// in place. Its names are only compared. They never decide where a file is written.
type tree interface {
	// walk calls visit for one file after another, in an order that stays the same. It ends with
	// the first error of visit.
	walk(ctx context.Context, visit func(leaf) error) error

	Close() error
}

// leaf is a file of a tree.
type leaf struct {
	name    string // with slashes, below the root of the tree
	size    int64  // as the tree says, which may be wrong
	changed time.Time
	open    func() (io.ReadCloser, error) // during visit alone; nil for what is no regular file
}

// openTree opens a folder, a zip, or a tar that may be compressed by gzip.
func openTree(source string, progress func(done, total int64)) (tree, error) {
	info, err := os.Stat(source)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("dataset: no folder or file %s: %s", source, wantSource)
	case err != nil:
		return nil, fmt.Errorf("dataset: %w", err)
	case info.IsDir():
		return folder(source), nil
	case !info.Mode().IsRegular(): // opening a named pipe would wait for a writer
		return nil, fmt.Errorf("dataset: %s: no folder and no file: %s", source, wantSource)
	}
	f, err := os.Open(source)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	start := make([]byte, 512)
	n, err := io.ReadFull(f, start)
	f.Close()
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	start = start[:n]
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		z, err := zip.OpenReader(source)
		if err != nil {
			return nil, fmt.Errorf("dataset: %s: %w: is the file cut or damaged?", source, err)
		}
		return zipped{z}, nil
	case bytes.HasPrefix(start, []byte("\x1f\x8b")), n == len(start) && n > 262 && string(start[257:262]) == "ustar":
		return tarred{source, start[0] == 0x1f, progress}, nil
	}
	return nil, fmt.Errorf("dataset: %s: no archive: %s", source, wantSource)
}

// wantSource says what a data set may be.
const wantSource = `want a folder with class folders of pictures, a folder of CIFAR-10 or CIFAR-100, their archive or an npz: "wgpucnn help datasets" shows them`

// folder is a tree on the disk. Links are followed, wherever they lead.
type folder string

func (folder) Close() error { return nil }

// mostFolders is how deep folders may lie in one another.
const mostFolders = 32

func (root folder) walk(ctx context.Context, visit func(leaf) error) error {
	return (&walker{root, visit, mostFiles}).below(ctx, "", nil)
}

// walker walks through a folder.
type walker struct {
	root  folder
	visit func(leaf) error
	left  int // folders that it may still enter: a few links can make millions
}

// below walks through a folder of the tree: through its files first, then through its folders. above are
// the folders that it lies in. A link that leads back to one of these is no file.
func (w *walker) below(ctx context.Context, name string, above []fs.FileInfo) error {
	root := w.root
	if w.left--; w.left < 0 {
		return errors.New("too many folders: want those of one data set")
	}
	self, err := os.Stat(filepath.Join(string(root), name))
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(string(root), name))
	if err != nil {
		return err
	}
	above = append(above[:len(above):len(above)], self)
	var folders []string
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := leaf{name: path.Join(name, entry.Name())}
		on := filepath.Join(string(root), f.name)
		info, err := os.Stat(on)
		if err == nil && info.IsDir() && !hidden(entry.Name()) && !containsFolder(above, info) && len(above) < mostFolders {
			folders = append(folders, f.name)
			continue
		}
		if err == nil && info.Mode().IsRegular() {
			f.size, f.changed = info.Size(), info.ModTime()
			f.open = func() (io.ReadCloser, error) { return os.Open(on) }
		}
		if err := w.visit(f); err != nil {
			return err
		}
	}
	for _, inside := range folders {
		if err := w.below(ctx, inside, above); err != nil {
			return err
		}
	}
	return nil
}

func containsFolder(all []fs.FileInfo, one fs.FileInfo) bool {
	for _, info := range all {
		if os.SameFile(info, one) {
			return true
		}
	}
	return false
}

// hidden reports whether a part of a file's name hides it. macOS adds __MACOSX to zips.
func hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" {
			return true
		}
	}
	return false
}

// mostPerByte is the number of bytes that a byte of an archive may become. Text of a single byte
// becomes a thousand; pictures and data sets become a few. An archive may hold free bytes more.
const (
	mostPerByte = 250
	free        = 64 << 20
)

// zipped is a tree in a zip.
type zipped struct{ *zip.ReadCloser }

func (z zipped) walk(ctx context.Context, visit func(leaf) error) error {
	for _, entry := range z.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		if entry.FileInfo().IsDir() {
			continue
		}
		f := leaf{name: path.Clean(entry.Name), size: int64(min(entry.UncompressedSize64, 1<<62)), changed: entry.Modified}
		if entry.Mode().IsRegular() && fs.ValidPath(f.name) {
			f.open = func() (io.ReadCloser, error) {
				r, err := entry.Open()
				if err != nil {
					return nil, err
				}
				most := int64(min(entry.CompressedSize64, 1<<40))*mostPerByte + free
				return limited{&capped{r, most}, r}, nil
			}
		}
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// tarred is a tree in a tar. Each walk reads the tar from its beginning.
type tarred struct {
	path     string
	gzip     bool
	progress func(done, total int64)
}

func (tarred) Close() error { return nil }

func (t tarred) walk(ctx context.Context, visit func(leaf) error) error {
	counted, err := openCounted(t.path, t.progress)
	if err != nil {
		return err
	}
	defer counted.Close()
	var r io.Reader = bufio.NewReaderSize(counted, 1<<16)
	if t.gzip {
		if r, err = gzip.NewReader(r); err != nil {
			return fmt.Errorf("%w: is the file cut or damaged?", err)
		}
	}
	entries := tar.NewReader(&capped{r, counted.total*mostPerByte + free})
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		} else {
			err = fmt.Errorf("%w: is the file cut or damaged?", err)
		}
		if err != nil {
			return err
		}
		if entry.Typeflag == tar.TypeDir {
			continue
		}
		f := leaf{name: path.Clean(entry.Name), size: entry.Size, changed: entry.ModTime}
		if entry.Typeflag == tar.TypeReg && fs.ValidPath(f.name) {
			f.open = func() (io.ReadCloser, error) { return io.NopCloser(entries), nil }
		}
		if err := visit(f); err != nil {
			return err
		}
	}
}

// capped reads at most left bytes. A longer file gives an error.
type capped struct {
	io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, fmt.Errorf("it unpacks to more than %d times its size: want an archive of pictures or data", mostPerByte)
	}
	return n, err
}

// limited reads by one reader and closes another.
type limited struct {
	io.Reader
	io.Closer
}
