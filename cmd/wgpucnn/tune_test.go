package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/tune"
)

// withCache makes an empty cache the user's.
func withCache(t *testing.T) tune.Cache {
	t.Helper()
	cache, before := tune.Cache{Path: filepath.Join(t.TempDir(), "wgpucnn", "tilings.json")}, choose.UserCache
	choose.UserCache = func() (tune.Cache, error) { return cache, nil }
	t.Cleanup(func() { choose.UserCache = before })
	return cache
}

// A budget that is spent at once leaves the default and saves nothing.
func TestTune(t *testing.T) {
	dev := enginetest.Open(t)
	cache := withCache(t)
	const quick = "tune --budget 1ns --batch 2 --pooling stride"
	status, out, err := call(strings.Fields(quick)...)
	if status != 0 || err != "" {
		t.Fatalf("status %d, %q", status, err)
	}
	for _, want := range []string{"adapter  " + dev.Adapter().String(), "default       tuned", "  tile  ", "stride batch 2 ", "  1.00x", "0 tried, 0 skipped", "the default stays"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	status, out, err = call(strings.Fields(quick + " --json --dry-run")...)
	var r tuneReport
	if failure := json.Unmarshal([]byte(out), &r); status != 0 || err != "" || failure != nil {
		t.Fatalf("status %d, %q, %v: %s", status, err, failure, out)
	}
	if r.Adapter != dev.Adapter() || r.Default != nn.TilingFor(dev.Adapter()) || r.Tuned != r.Default || r.Before <= 0 || r.Ratio != 1 || r.Complete || r.Saved != "" {
		t.Errorf("got %+v", r)
	}
	if _, err := os.Stat(cache.Path); !os.IsNotExist(err) {
		t.Errorf("it left %s: %v", cache.Path, err)
	}
	tuned := nn.TilingFor(dev.Adapter())
	tuned.Tile = 1
	if err := cache.Put(tune.NewEntry(dev.Adapter(), "base", 128, tune.Result{Tiling: tuned, Before: 2, After: 1}, time.Unix(0, 0))); err != nil {
		t.Fatal(err)
	}
	if status, out, err := call(strings.Fields(quick)...); status != 0 || err != "" || !strings.Contains(out, "what was found before stays") {
		t.Errorf("with an entry: status %d, %q:\n%s", status, err, out)
	}
}

// A tiling that won is saved, unless the user wants no file. A saved tiling that the default beat in a
// whole search is forgotten.
func TestTuneSave(t *testing.T) {
	dev := enginetest.Open(t)
	a, won := dev.Adapter(), nn.TilingFor(dev.Adapter())
	won.Tile = 1
	kept := tune.Result{Default: nn.TilingFor(a), Tiling: nn.TilingFor(a), Before: 1, After: 1}
	better := tune.Result{Default: nn.TilingFor(a), Tiling: won, Before: 2, After: 1}
	complete := kept
	complete.Complete = true
	cache := withCache(t)
	for i, c := range []struct {
		settings tuneSettings
		result   tune.Result
		there    bool // afterwards
	}{
		{tuneSettings{dryRun: true}, better, false},
		{tuneSettings{}, kept, false},
		{tuneSettings{}, better, true},
		{tuneSettings{}, kept, true},
		{tuneSettings{dryRun: true}, complete, true},
		{tuneSettings{}, complete, false},
	} {
		saved, err := c.settings.save(cache, a, c.result)
		got, ok, failure := cache.Lookup(a)
		if err != nil || failure != nil || ok != c.there || ok && got != won || (saved == cache.Path) != (!c.settings.dryRun && c.result.Tiling == won) {
			t.Errorf("%d: saved in %q, %v; found %+v, %v, %v", i, saved, err, got, ok, failure)
		}
	}
}

// A tiling that cannot be saved gives an error, and no line says that it is saved.
func TestTuneSaveFails(t *testing.T) {
	won := tune.Result{Tiling: nn.Tiling{Workgroup: 1}}
	if file, err := (tuneSettings{}).save(tune.Cache{Path: t.TempDir()}, engine.Adapter{}, won); file != "" || err == nil {
		t.Errorf("got %q, %v", file, err)
	}
}

// A run trains with the tiling that was found, and says so. It trains with the default if a flag says so,
// if the file is damaged, and after a reset.
func TestTrainTuned(t *testing.T) {
	dev := enginetest.Open(t)
	cache, folder := withCache(t), t.TempDir()
	own, tuned := nn.TilingFor(dev.Adapter()), nn.TilingFor(dev.Adapter())
	tuned.Tile, tuned.Workgroup, tuned.Splits = 2, 8, 2
	runs := 0
	check := func(flags string, want nn.Tiling, warning string) {
		t.Helper()
		runs++
		out := filepath.Join(folder, string(rune('a'+runs)))
		status, chat, err := call(strings.Fields("train --epochs 1 --batch 500 --hidden 1 --pooling max --out " + out + flags)...)
		var config struct{ Tiling nn.Tiling }
		data, failure := os.ReadFile(filepath.Join(out, "config.json"))
		if failure == nil {
			failure = json.Unmarshal(data, &config)
		}
		if status != 0 || failure != nil || config.Tiling != want || strings.Contains(chat, "tiling   tuned for this adapter") != (want == tuned) {
			t.Errorf("%q: status %d, %v, %s; trained with %+v, want %+v:\n%s", flags, status, failure, err, config.Tiling, want, chat)
		}
		if lines := strings.Count(err, "wgpucnn: "); lines != min(len(warning), 1) || !strings.Contains(err, warning) {
			t.Errorf("%q: wrote %q, want a line with %q", flags, err, warning)
		}
	}
	check("", own, "")
	entry := tune.NewEntry(dev.Adapter(), "base", 128, tune.Result{Tiling: tuned, Before: 2, After: 1}, time.Unix(0, 0))
	if err := cache.Put(entry); err != nil {
		t.Fatal(err)
	}
	check("", tuned, "")
	check(" --tiling default", own, "")
	entry.Tiling.Run = -3
	if err := cache.Put(entry); err != nil {
		t.Fatal(err)
	}
	check("", own, "ignoring the tuned tiling: tune: "+cache.Path+": nn: tiling: run of -3: want 1 to 64")
	for _, want := range []string{"took the adapter's tiling out of " + cache.Path, "there was no tuned tiling of this adapter"} {
		if status, out, err := call("tune", "--reset"); status != 0 || err != "" || !strings.Contains(out, want) {
			t.Errorf("reset: status %d, %q, %q; want %q", status, out, err, want)
		}
	}
	check("", own, "")
	if err := os.WriteFile(cache.Path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	check("", own, "not a file of \"wgpucnn tune\"")
	if status, _, err := call("tune", "--reset"); status != 1 || strings.Count(err, "\n") != 1 || !strings.Contains(err, cache.Path) {
		t.Errorf("reset of a damaged file: status %d, %q", status, err)
	}
}
