package tune

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/report"
	"wgpucnn/shaders"
)

// schema is the version of the cache's JSON. It grows when an older reader would
// misunderstand a newer file.
const schema = 1

// mostBytes bounds the size of a cache.
const mostBytes = 1 << 20

// Cache is a file of tilings, one for each adapter with its backend and driver.
type Cache struct{ Path string }

// UserCache returns the cache in the user's folder for such: "wgpucnn/tilings.json". It
// returns an error where the user has no such folder.
func UserCache() (Cache, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Cache{}, fmt.Errorf("tune: no folder to keep tilings in: %w", err)
	}
	return Cache{filepath.Join(dir, "wgpucnn", "tilings.json")}, nil
}

// Entry is what was found for an adapter.
type Entry struct {
	Adapter string    `json:"adapter"` // with its backend and driver the entry's identity
	Backend string    `json:"backend"`
	Driver  string    `json:"driver"`
	Kernels string    `json:"kernels"` // fingerprint of conv2d's WGSL: with another text the entry is void
	Tiling  nn.Tiling `json:"tiling"`
	Variant string    `json:"variant"` // of the lab's model that was measured
	Batch   int       `json:"batch"`
	Before  float64   `json:"before"` // seconds of a step with the tiling that is chosen without tuning
	After   float64   `json:"after"`  // and with this one
	Time    time.Time `json:"time"`
}

// NewEntry returns an entry for an adapter and the kernels of this program.
func NewEntry(a engine.Adapter, variant string, batch int, r Result, now time.Time) Entry {
	return Entry{
		Adapter: a.Name, Backend: a.Backend, Driver: a.Driver, Kernels: Fingerprint(), Tiling: r.Tiling, Variant: variant, Batch: batch,
		Before: r.Before.Seconds(), After: r.After.Seconds(), Time: now.Round(time.Second),
	}
}

func (e Entry) of(a engine.Adapter) bool {
	return e.Adapter == a.Name && e.Backend == a.Backend && e.Driver == a.Driver
}

// file is what the cache holds.
type file struct {
	Schema  int     `json:"wgpucnn_tilings"`
	Entries []Entry `json:"entries"`
}

// Fingerprint tells conv2d's WGSL from any other.
func Fingerprint() string {
	source, err := shaders.Load("conv2d")
	if err != nil {
		panic(err) // it is embedded
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(source.Text)))[:16]
}

// Lookup returns the tiling for an adapter, and whether there is one. It returns an error
// that says why there is none where the file, or the adapter's entry, cannot be used.
func (c Cache) Lookup(a engine.Adapter) (nn.Tiling, bool, error) {
	f, err := c.read()
	if err != nil {
		return nn.Tiling{}, false, err
	}
	i := slices.IndexFunc(f.Entries, func(e Entry) bool { return e.of(a) })
	if i < 0 {
		return nn.Tiling{}, false, nil
	}
	e := f.Entries[i]
	if e.Kernels != Fingerprint() {
		return nn.Tiling{}, false, fmt.Errorf("tune: %s: the adapter's entry is of another version of the kernels: run \"wgpucnn tune\" again", c.Path)
	}
	if err := e.Tiling.Check(a); err != nil {
		return nn.Tiling{}, false, fmt.Errorf("tune: %s: %w: run \"wgpucnn tune\" again", c.Path, err)
	}
	return e.Tiling, true, nil
}

// Put keeps an entry in place of the adapter's earlier one. A file that cannot be read is
// replaced.
func (c Cache) Put(e Entry) error {
	f, _ := c.read()
	f.Schema = schema
	f.Entries = slices.DeleteFunc(f.Entries, func(old Entry) bool {
		return old.Adapter == e.Adapter && old.Backend == e.Backend && old.Driver == e.Driver
	})
	f.Entries = append(f.Entries, e)
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o777); err != nil {
		return fmt.Errorf("tune: %w", err)
	}
	return report.WriteJSON(c.Path, f)
}

// Remove takes an adapter's entry out and returns whether there was one. It returns an error
// for a file that cannot be read.
func (c Cache) Remove(a engine.Adapter) (bool, error) {
	f, err := c.read()
	if err != nil {
		return false, err
	}
	count := len(f.Entries)
	f.Entries = slices.DeleteFunc(f.Entries, func(e Entry) bool { return e.of(a) })
	if len(f.Entries) == count {
		return false, nil
	}
	return true, report.WriteJSON(c.Path, f)
}

// read returns what the file holds: nothing where there is none.
func (c Cache) read() (file, error) {
	info, err := os.Stat(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return file{Schema: schema}, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return file{}, fmt.Errorf("tune: %s: %w", c.Path, err)
	}
	in, err := os.Open(c.Path)
	if err != nil {
		return file{}, fmt.Errorf("tune: %w", err)
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	if err != nil {
		return file{}, fmt.Errorf("tune: %w", err)
	}
	if len(data) > mostBytes {
		return file{}, fmt.Errorf("tune: %s: more than %d bytes", c.Path, mostBytes)
	}
	f, err := parse(data)
	if err != nil {
		return file{}, fmt.Errorf("tune: %s: %w", c.Path, err)
	}
	return f, nil
}

func parse(data []byte) (file, error) {
	var head struct {
		Schema *int `json:"wgpucnn_tilings"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Schema == nil {
		return file{}, errors.New("not a file of \"wgpucnn tune\"")
	}
	if *head.Schema != schema {
		return file{}, fmt.Errorf("a file of schema %d: this program reads %d", *head.Schema, schema)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return file{}, fmt.Errorf("damaged: %w", err)
	}
	return f, nil
}
