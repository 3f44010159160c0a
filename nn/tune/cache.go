package tune

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/report"
	"wgpucnn/shaders"
)

// schema is the version of the cache's JSON. It grows when an older reader would
// misunderstand a newer file. Schema 1 had one tiling for all dispatches.
const schema = 2

// mostBytes bounds the size of a cache.
const mostBytes = 1 << 20

// Cache is a file of tilings, one entry for each adapter with its backend and driver.
type Cache struct{ Path string }

// UserCache returns the cache in the folder that the user's system has for caches:
// "wgpucnn/tilings.json". It returns an error if the user has no such folder.
func UserCache() (Cache, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Cache{}, fmt.Errorf("tune: no folder to keep tilings in: %w", err)
	}
	return Cache{filepath.Join(dir, "wgpucnn", "tilings.json")}, nil
}

// entry is what was found for an adapter.
type entry struct {
	Adapter string          `json:"adapter"` // with its backend and driver the entry's identity
	Backend string          `json:"backend"`
	Driver  string          `json:"driver"`
	Kernels string          `json:"kernels"` // Fingerprint: with another one the entry is void
	Tilings nn.TilingsByKey `json:"tilings"`
	Time    time.Time       `json:"time"`
}

func (e entry) of(a engine.Adapter) bool {
	return e.Adapter == a.Name && e.Backend == a.Backend && e.Driver == a.Driver
}

// check returns an error if an adapter, or the kernels of this program, cannot use the entry.
func (e entry) check(a engine.Adapter) error {
	if e.Kernels != Fingerprint(a) {
		return errors.New("the adapter's entry is of another version of the kernels")
	}
	_, err := nn.Tilings{Of: e.Tilings}.Or(a)
	return err
}

// file is what the cache holds.
type file struct {
	Schema  int     `json:"wgpucnn_tilings"`
	Entries []entry `json:"entries"`
}

// entry returns the entry of an adapter, nil for none.
func (f file) entry(a engine.Adapter) *entry {
	i := slices.IndexFunc(f.Entries, func(e entry) bool { return e.of(a) })
	if i < 0 {
		return nil
	}
	return &f.Entries[i]
}

// generalKernel is the file of the kernels that suit software adapters. Those of the GPU family begin
// with gpuKernels.
const (
	generalKernel = "conv2d"
	gpuKernels    = "conv2d_gpu_"
)

// Fingerprint tells the WGSL of the kernels that an adapter runs by default from any other, with all
// parts that it imports.
func Fingerprint(a engine.Adapter) string {
	names := []string{generalKernel}
	if nn.TilingFor(a).GPU != (nn.GPUTiling{}) {
		names = slices.DeleteFunc(shaders.Names(), func(name string) bool { return !strings.HasPrefix(name, gpuKernels) })
	}
	text := ""
	for _, name := range names {
		source, err := shaders.Load(name)
		if err != nil {
			panic(err) // it is embedded
		}
		text += source.Text
	}
	return fingerprint(text)
}

func fingerprint(text string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16]
}

// Lookup returns the tilings that were found for an adapter, none if it has no entry. It returns
// an error if the file, or the adapter's entry, cannot be used.
func (c Cache) Lookup(a engine.Adapter) (nn.TilingsByKey, error) {
	f, err := c.read()
	if err != nil {
		return nil, err
	}
	e := f.entry(a)
	if e == nil {
		return nil, nil
	}
	if err := e.check(a); err != nil {
		return nil, fmt.Errorf("tune: %s: %w: run \"wgpucnn tune\" again", c.Path, err)
	}
	return e.Tilings, nil
}

// Put keeps what a tuning of an adapter found, and returns whether it kept anything. What was
// found before for other dispatches stays. What was found before for one of these dispatches is
// forgotten, unless the search of it ended too early to know. A file or an entry that cannot be
// used is replaced.
func (c Cache) Put(a engine.Adapter, r Result, now time.Time) (bool, error) {
	f, _ := c.read()
	e := entry{a.Name, a.Backend, a.Driver, Fingerprint(a), nn.TilingsByKey{}, now.Round(time.Second)}
	before := f.entry(a)
	if before != nil && before.check(a) == nil && len(before.Tilings)+len(r.Dispatches) <= nn.MaxTilings {
		maps.Copy(e.Tilings, before.Tilings)
	}
	for _, d := range r.Dispatches {
		if d.Complete || d.Tiling != r.Tilings.Default {
			delete(e.Tilings, d.Key)
		}
	}
	maps.Copy(e.Tilings, r.Tilings.Of)
	if before == nil && len(e.Tilings) == 0 {
		return false, nil
	}
	f.Entries = slices.DeleteFunc(f.Entries, func(old entry) bool { return old.of(a) })
	if len(e.Tilings) > 0 {
		f.Entries = append(f.Entries, e)
	}
	return len(r.Tilings.Of) > 0, c.write(f)
}

// Remove takes an adapter's entry out and returns whether there was one. It returns an error
// for a file that cannot be read.
func (c Cache) Remove(a engine.Adapter) (bool, error) {
	f, err := c.read()
	if err != nil {
		return false, err
	}
	count := len(f.Entries)
	f.Entries = slices.DeleteFunc(f.Entries, func(e entry) bool { return e.of(a) })
	if len(f.Entries) == count {
		return false, nil
	}
	return true, c.write(f)
}

func (c Cache) write(f file) error {
	f.Schema = schema
	if err := os.MkdirAll(filepath.Dir(c.Path), 0o777); err != nil {
		return fmt.Errorf("tune: %w", err)
	}
	return report.WriteJSON(c.Path, f)
}

// read returns what the file holds: nothing if it does not exist.
func (c Cache) read() (file, error) {
	info, err := os.Stat(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return file{}, nil
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
	if *head.Schema < schema {
		return file{}, errors.New("a file of an earlier version of wgpucnn: run \"wgpucnn tune\" again, or delete the file")
	}
	if *head.Schema > schema {
		return file{}, fmt.Errorf("a file of schema %d: this program reads %d", *head.Schema, schema)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return file{}, fmt.Errorf("damaged: %.200v", err) // it may quote long values
	}
	return f, nil
}
