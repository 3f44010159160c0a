package tune

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

var (
	card = engine.Adapter{Name: "card", Backend: "Vulkan", Driver: "1.0", Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: 16 << 10}}
	good = nn.Tiling{Workgroup: 64, Run: 4, Rows: 1, Tile: 8, WeightOut: 2, WeightIn: 4, Workgroups: 512, Splits: 64, Memory: 8 << 10}
)

func newEntry(a engine.Adapter, tiling nn.Tiling) Entry {
	return NewEntry(a, "base", 128, Result{Tiling: tiling, Before: time.Second, After: time.Second / 2}, time.Unix(1e9, 0))
}

// What is put is found again for the same adapter, backend and driver, and for no other.
func TestCache(t *testing.T) {
	c := Cache{filepath.Join(t.TempDir(), "new", "tilings.json")}
	if _, ok, err := c.Lookup(card); ok || err != nil {
		t.Fatalf("without a file: %v, %v", ok, err)
	}
	if removed, err := c.Remove(card); removed || err != nil {
		t.Fatalf("removed from no file: %v, %v", removed, err)
	}
	other := card
	other.Name = "other"
	second := good
	second.Tile = 4
	for _, e := range []Entry{newEntry(card, second), newEntry(other, second), newEntry(card, good)} {
		if err := c.Put(e); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok, err := c.Lookup(card); got != good || !ok || err != nil {
		t.Errorf("got %+v, %v, %v; want what was put last", got, ok, err)
	}
	if got, ok, err := c.Lookup(other); got != second || !ok || err != nil {
		t.Errorf("the other adapter's: got %+v, %v, %v", got, ok, err)
	}
	for _, change := range []func(*engine.Adapter){
		func(a *engine.Adapter) { a.Name = "car" },
		func(a *engine.Adapter) { a.Backend = "OpenGL" },
		func(a *engine.Adapter) { a.Driver = "1.1" },
	} {
		a := card
		change(&a)
		if got, ok, err := c.Lookup(a); ok || err != nil {
			t.Errorf("%v: got %+v, %v", a, got, err)
		}
	}
	if removed, err := c.Remove(card); !removed || err != nil {
		t.Errorf("removed %v, %v", removed, err)
	}
	if _, ok, _ := c.Lookup(card); ok {
		t.Error("what was removed is there")
	}
	if _, ok, _ := c.Lookup(other); !ok {
		t.Error("the other adapter's is gone too")
	}
	if entries, _ := os.ReadDir(filepath.Dir(c.Path)); len(entries) != 1 {
		t.Errorf("left %v", entries)
	}
}

// An entry of other kernels, or one that the adapter cannot run, is void, and says why.
func TestCacheVoid(t *testing.T) {
	for _, c := range []struct {
		change func(*Entry)
		want   string
	}{
		{func(e *Entry) { e.Kernels = "0123456789abcdef" }, "of another version of the kernels"},
		{func(e *Entry) { e.Tiling.Tile = 1 << 30 }, "tile of 1073741824: want 1 to 64"},
		{func(e *Entry) { e.Tiling = nn.Tiling{} }, "workgroup of 0"},
		{func(e *Entry) { e.Tiling.Workgroup = 512 }, "beyond the adapter's limits"},
	} {
		cache, e := Cache{filepath.Join(t.TempDir(), "tilings.json")}, newEntry(card, good)
		c.change(&e)
		if err := cache.Put(e); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := cache.Lookup(card); ok || err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, %v; want a line with %q", ok, err, c.want)
		}
	}
}

// A file that is none of ours is an error in one line, and is replaced by the next tiling.
func TestCacheHostile(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "array": "[1]", "null": "null", "other": `{"version": 1}`, "newer": `{"wgpucnn_tilings": 2}`,
		"typed":     `{"wgpucnn_tilings": 1, "entries": {"a": 1}}`,
		"overflow":  `{"wgpucnn_tilings": 1, "entries": [{"adapter": "card", "tiling": {"tile": 1e300}}]}`,
		"fraction":  `{"wgpucnn_tilings": 1, "entries": [{"tiling": {"tile": 1.5}}]}`,
		"truncated": `{"wgpucnn_tilings": 1, "entries": [{"adapter": "card"`,
		"large":     `{"wgpucnn_tilings": 1, "entries": []}` + strings.Repeat(" ", mostBytes),
		"nested":    strings.Repeat("[", 100_000),
	} {
		c := Cache{filepath.Join(t.TempDir(), "tilings.json")}
		if err := os.WriteFile(c.Path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := c.Lookup(card); ok || err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), c.Path) {
			t.Errorf("%s: got %v, %v; want an error", name, ok, err)
		}
		if err := c.Put(newEntry(card, good)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, ok, err := c.Lookup(card); !ok || err != nil {
			t.Errorf("%s: replaced: %v, %v", name, ok, err)
		}
	}
	folder := Cache{t.TempDir()}
	if _, ok, err := folder.Lookup(card); ok || err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: got %v, %v", ok, err)
	}
	if err := folder.Put(newEntry(card, good)); err == nil {
		t.Error("wrote over a folder")
	}
}
