package dataset

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

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
