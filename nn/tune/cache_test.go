package tune

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

var (
	card = engine.Adapter{Name: "card", Backend: "Vulkan", Driver: "1.0", Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: 16 << 10}}
	good = nn.Tiling{Workgroup: 64, Run: 4, Rows: 1, Tile: 8, WeightOut: 2, WeightIn: 4, Workgroups: 512, Splits: 64, Memory: 8 << 10}
	day  = time.Unix(1e9, 0)
)

// tiled returns good with another tile.
func tiled(tile int) nn.Tiling {
	t := good
	t.Tile = tile
	return t
}

// kept returns the result of a tuning that kept tilings by key.
func kept(tilings nn.TilingsByKey) Result {
	r := Result{Tilings: nn.Tilings{Default: good, Of: tilings}}
	for key, tiling := range tilings {
		r.Dispatches = append(r.Dispatches, Finding{Dispatch: Dispatch{Key: key}, Tiling: tiling, Kept: true})
	}
	return r
}

func put(t *testing.T, c Cache, a engine.Adapter, r Result) bool {
	t.Helper()
	saved, err := c.Put(a, r, day)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func lookup(t *testing.T, c Cache, a engine.Adapter, want nn.TilingsByKey) {
	t.Helper()
	if got, err := c.Lookup(a); err != nil || !maps.Equal(got, want) {
		t.Errorf("%s: got %v, %v; want %v", a.Name, got, err, want)
	}
}

// What is put is found again for the same adapter, backend and driver, and for no other.
func TestCache(t *testing.T) {
	c := Cache{filepath.Join(t.TempDir(), "new", "tilings.json")}
	lookup(t, c, card, nil)
	if removed, err := c.Remove(card); removed || err != nil {
		t.Fatalf("removed from no file: %v, %v", removed, err)
	}
	other := card
	other.Name = "other"
	put(t, c, card, kept(nn.TilingsByKey{"a": tiled(1)}))
	put(t, c, other, kept(nn.TilingsByKey{"a": tiled(2)}))
	if !put(t, c, card, kept(nn.TilingsByKey{"a": tiled(4), "b": tiled(16)})) {
		t.Error("nothing was kept")
	}
	lookup(t, c, card, nn.TilingsByKey{"a": tiled(4), "b": tiled(16)})
	lookup(t, c, other, nn.TilingsByKey{"a": tiled(2)})
	for _, change := range []func(*engine.Adapter){
		func(a *engine.Adapter) { a.Name = "car" },
		func(a *engine.Adapter) { a.Backend = "OpenGL" },
		func(a *engine.Adapter) { a.Driver = "1.1" },
	} {
		a := card
		change(&a)
		lookup(t, c, a, nil)
	}
	if removed, err := c.Remove(card); !removed || err != nil {
		t.Errorf("removed %v, %v", removed, err)
	}
	lookup(t, c, card, nil)
	lookup(t, c, other, nn.TilingsByKey{"a": tiled(2)})
	if entries, _ := os.ReadDir(filepath.Dir(c.Path)); len(entries) != 1 {
		t.Errorf("left %v", entries)
	}
}

// A tuning forgets what was found before for its dispatches if it knows better. Other dispatches,
// as those of another batch size, keep theirs.
func TestCacheMerges(t *testing.T) {
	before := nn.TilingsByKey{"a": tiled(1), "b": tiled(2)}
	for name, c := range map[string]struct {
		finding Finding
		want    nn.TilingsByKey
	}{
		"complete":      {Finding{Tiling: good, Complete: true}, nn.TilingsByKey{"b": tiled(2)}},
		"not confirmed": {Finding{Tiling: tiled(4)}, nn.TilingsByKey{"b": tiled(2)}},
		"too early":     {Finding{Tiling: good}, before},
	} {
		cache := Cache{filepath.Join(t.TempDir(), "tilings.json")}
		put(t, cache, card, kept(before))
		c.finding.Key = "a"
		if put(t, cache, card, Result{Tilings: nn.Tilings{Default: good}, Dispatches: []Finding{c.finding}}) {
			t.Errorf("%s: said that it kept something", name)
		}
		lookup(t, cache, card, c.want)
	}
	cache := Cache{filepath.Join(t.TempDir(), "tilings.json")}
	put(t, cache, card, Result{Dispatches: []Finding{{Tiling: good, Complete: true}}})
	if _, err := os.Stat(cache.Path); !os.IsNotExist(err) {
		t.Errorf("nothing to keep left a file: %v", err)
	}
}

// many returns more tilings than a network has.
func many() nn.TilingsByKey {
	tilings := nn.TilingsByKey{}
	for i := range nn.MaxTilings + 1 {
		tilings[fmt.Sprint(i)] = good
	}
	return tilings
}

// An entry of other kernels, or one that the adapter cannot run, is void, and says why. The next
// tuning replaces it.
func TestCacheVoid(t *testing.T) {
	wide := good
	wide.Workgroup = 512
	for _, c := range []struct {
		kernels string
		tilings nn.TilingsByKey
		want    string
	}{
		{"0123456789abcdef", nn.TilingsByKey{"a": good}, "of another version of the kernels"},
		{Fingerprint(card), nn.TilingsByKey{"a": good, "b": tiled(1 << 30)}, `"b": nn: tiling: tile of 1073741824: want 1 to 64`},
		{Fingerprint(card), nn.TilingsByKey{"a": {}}, "workgroup of 0"},
		{Fingerprint(card), nn.TilingsByKey{"a\nb": {}}, `"a\nb": nn: tiling: workgroup of 0`},
		{Fingerprint(card), nn.TilingsByKey{"a": wide}, "beyond the adapter's limits"},
		{Fingerprint(card), nn.TilingsByKey{strings.Repeat("long ", 100): good}, "a key of 500 bytes: want 200 or fewer"},
		{Fingerprint(card), many(), "nn: tilings of 1001 dispatches: want 1000 or fewer"},
	} {
		cache := Cache{filepath.Join(t.TempDir(), "tilings.json")}
		text, err := json.Marshal(file{schema, []entry{{card.Name, card.Backend, card.Driver, c.kernels, c.tilings, day}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(cache.Path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := cache.Lookup(card); got != nil || err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %d tilings, %v; want a line with %q", len(got), err, c.want)
		}
		put(t, cache, card, kept(nn.TilingsByKey{"c": good}))
		lookup(t, cache, card, nn.TilingsByKey{"c": good})
	}
}

// The fingerprint is that of all files of the family that the adapter runs, with the parts that they
// import.
func TestFingerprint(t *testing.T) {
	text := func(names ...string) (all string) {
		for _, name := range names {
			source, err := shaders.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			all += source.Text
		}
		return all
	}
	software := card
	software.Type = engine.CPU
	for _, c := range []struct {
		adapter engine.Adapter
		text    string
		parts   []string
	}{
		{software, text("conv2d"), []string{"fn shut(", "fn unseen(", "fn forward("}},
		{card, text("conv2d_gpu_first", "conv2d_gpu_forward", "conv2d_gpu_input", "conv2d_gpu_weight"),
			[]string{"fn convolve(", "fn batch_row(", "fn keep(", "fn backward_input(", "fn backward_weight("}},
	} {
		if got, want := Fingerprint(c.adapter), fingerprint(c.text); got != want {
			t.Errorf("%v: fingerprint %s, want %s", c.adapter.Type, got, want)
		}
		for _, part := range c.parts {
			if without := strings.Replace(c.text, part, "fn other(", 1); without == c.text || fingerprint(without) == Fingerprint(c.adapter) {
				t.Errorf("%v: the fingerprint does not tell another %q", c.adapter.Type, part)
			}
		}
	}
}

// A file that is none of ours is an error in one line, and is replaced by the next tuning.
func TestCacheHostile(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "array": "[1]", "null": "null", "other": `{"version": 1}`, "newer": `{"wgpucnn_tilings": 3}`,
		"older":     `{"wgpucnn_tilings": 1, "entries": [{"adapter": "card", "tiling": {"tile": 4}}]}`,
		"typed":     `{"wgpucnn_tilings": 2, "entries": {"a": 1}}`,
		"overflow":  `{"wgpucnn_tilings": 2, "entries": [{"adapter": "card", "tilings": {"a": {"tile": 1e300}}}]}`,
		"fraction":  `{"wgpucnn_tilings": 2, "entries": [{"tilings": {"a": {"tile": 1.5}}}]}`,
		"truncated": `{"wgpucnn_tilings": 2, "entries": [{"adapter": "card"`,
		"large":     `{"wgpucnn_tilings": 2, "entries": []}` + strings.Repeat(" ", mostBytes),
		"nested":    strings.Repeat("[", 100_000),
	} {
		c := Cache{filepath.Join(t.TempDir(), "tilings.json")}
		if err := os.WriteFile(c.Path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Lookup(card); got != nil || err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), c.Path) {
			t.Errorf("%s: got %v, %v; want an error", name, got, err)
		}
		put(t, c, card, kept(nn.TilingsByKey{"a": good}))
		lookup(t, c, card, nn.TilingsByKey{"a": good})
	}
	folder := Cache{t.TempDir()}
	if got, err := folder.Lookup(card); got != nil || err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: got %v, %v", got, err)
	}
	if _, err := folder.Put(card, kept(nn.TilingsByKey{"a": good}), day); err == nil {
		t.Error("wrote over a folder")
	}
}
