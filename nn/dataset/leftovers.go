package dataset

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"wgpucnn/nn/durable"
)

// partSuffix ends the names of a download and of a folder that is being unpacked.
const partSuffix = ".part"

// downloaded returns the path of the archive until it is unpacked. The next fetch goes on with it.
func (a archive) downloaded(cache string) string {
	return filepath.Join(cache, a.name+".tar.gz"+partSuffix)
}

// unfinished returns the folders that processes are unpacking, or were unpacking when they were killed.
func (a archive) unfinished(cache string) []string {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return nil
	}
	name := regexp.MustCompile(`^` + regexp.QuoteMeta(a.name) + `\.[0-9]+` + regexp.QuoteMeta(partSuffix) + `$`)
	var all []string
	for _, e := range entries {
		if e.IsDir() && name.MatchString(e.Name()) {
			all = append(all, filepath.Join(cache, e.Name()))
		}
	}
	return all
}

// tidy removes what killed processes have left beside the complete folder, unless another process is at
// work in the cache.
func (a archive) tidy(cache string) {
	left := a.unfinished(cache)
	if file := a.downloaded(cache); isThere(file) {
		left = append(left, file)
	}
	if left == nil {
		return
	}
	lock, err := durable.Lock(cache)
	if err != nil || lock == nil {
		return
	}
	defer lock.Close()
	remove(left)
}

func remove(paths []string) {
	for _, path := range paths {
		os.RemoveAll(path)
	}
}

// isThere tells whether there is something at a path.
func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// lockCache waits until no other process fetches into the cache, and keeps others from it until the file
// that it returns is closed. That is nil if the file system has no locks. Meanwhile progress hears how much
// the other process has downloaded.
func (a archive) lockCache(ctx context.Context, cache string, progress func(done, total int64)) (*os.File, error) {
	for {
		lock, err := durable.Lock(cache)
		switch {
		case err == nil:
			return lock, nil
		case err != durable.ErrLocked:
			return nil, fmt.Errorf("dataset: cache folder: %w", err)
		}
		if info, err := os.Stat(a.downloaded(cache)); err == nil {
			progress(info.Size(), -1)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
