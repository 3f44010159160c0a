package dataset

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"

	"wgpucnn/nn/durable"
)

// archive is a published data set: a tar.gz that contains one folder.
type archive struct {
	name string // name of the folder, in the archive and in the cache
	url  string
	md5  string // hexadecimal
}

// cifar100 is the Python version of CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html).
var cifar100 = archive{
	name: "cifar-100-python",
	url:  "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
	md5:  "eb9058c3a382ffc7106e4002c42a8d85",
}

// members are the files of the folder that are unpacked.
var members = []string{"train", "test", "meta"}

// fetch returns the folder in the cache that holds the members. If the folder does not exist,
// fetch downloads, checks and unpacks the archive. The folder gets its name only when it is
// complete. One process fetches at a time.
func (a archive) fetch(ctx context.Context, o Options) (string, error) {
	cache, err := cacheDir(o)
	if err != nil {
		return "", fmt.Errorf("dataset: no cache folder: %w", err)
	}
	folder := filepath.Join(cache, a.name)
	if isThere(folder) {
		a.tidy(cache)
		return folder, nil
	}
	if err := durable.MkdirAll(cache); err != nil {
		return "", fmt.Errorf("dataset: cache folder: %w", err)
	}
	lock, err := a.lockCache(ctx, cache, o.progress("wait for another process"))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if isThere(folder) { // another process was quicker
		return folder, nil
	}
	if lock != nil {
		remove(a.unfinished(cache))
	}
	url := a.url
	if o.URL != "" {
		url = o.URL
	}
	file := a.downloaded(cache)
	if err := download(ctx, url, file, o.progress("download")); err != nil {
		if info, err := os.Stat(file); err == nil && info.Size() == 0 {
			os.Remove(file) // the server sent nothing
		}
		return "", err
	}
	if err := a.check(file, o.progress("check")); err != nil {
		return "", err
	}
	if err := a.unpack(file, folder, o.progress("unpack")); err != nil {
		return "", fmt.Errorf("dataset: unpack %s: %w", file, err)
	}
	os.Remove(file)
	return folder, nil
}

// check returns an error, and removes the file, unless its checksum is right.
func (a archive) check(file string, progress func(done, total int64)) error {
	sum, err := md5Of(file, progress)
	if err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	if sum == a.md5 {
		return nil
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("dataset: the archive's MD5 is %s, want %s: %w", sum, a.md5, err)
	}
	return fmt.Errorf("dataset: the archive's MD5 is %s, want %s: the file was removed: try again, or give another address with --url", sum, a.md5)
}

// md5Of returns the MD5 checksum of a file in hexadecimal.
func md5Of(file string, progress func(done, total int64)) (string, error) {
	f, err := openCounted(file, progress)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := md5.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// countedFile is a file that reports how much of it was read.
type countedFile struct {
	file        *os.File
	done, total int64
	progress    func(done, total int64)
}

func openCounted(file string, progress func(done, total int64)) (*countedFile, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &countedFile{file: f, total: info.Size(), progress: progress}, nil
}

func (c *countedFile) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.done += int64(n)
	c.progress(c.done, c.total)
	return n, err
}

func (c *countedFile) Close() error { return c.file.Close() }

// unpack makes folder and puts the members into it.
func (a archive) unpack(file, folder string, progress func(done, total int64)) error {
	f, err := openCounted(file, progress)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	unfinished := filepath.Join(filepath.Dir(folder), fmt.Sprintf("%s.%d%s", a.name, rand.Uint64(), partSuffix))
	if err := durable.Mkdir(unfinished); err != nil {
		return err
	}
	defer durable.RemoveAll(unfinished)
	var missing = slices.Clone(members)
	for entries := tar.NewReader(unzipped); len(missing) > 0; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("it lacks %v", missing)
		}
		if err != nil {
			return err
		}
		// The names in the archive are only compared. They never decide where a file is written.
		i := slices.IndexFunc(missing, func(m string) bool { return path.Clean(entry.Name) == a.name+"/"+m })
		if i < 0 || entry.Typeflag != tar.TypeReg {
			continue
		}
		if entry.Size > maxPickle {
			return fmt.Errorf("%s has %d bytes: want at most %d", entry.Name, entry.Size, maxPickle)
		}
		if err := durable.WriteNew(filepath.Join(unfinished, missing[i]), entries); err != nil {
			return err
		}
		missing = slices.Delete(missing, i, i+1)
	}
	// The members' names are on the disk before the folder has its name, and that before the archive goes.
	durable.SyncFolder(unfinished)
	if err := durable.Rename(unfinished, folder); err != nil {
		return err
	}
	durable.SyncFolder(filepath.Dir(folder))
	return nil
}
