package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
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

// found returns the result of a tuning that kept a tiling for a dispatch.
func found(start, tiling nn.Tiling, d tune.Dispatch) tune.Result {
	return tune.Result{
		Tilings:    nn.Tilings{Default: start, Of: nn.TilingsByKey{d.Key: tiling}},
		Dispatches: []tune.Finding{{Dispatch: d, Tiling: tiling, Before: 2e6, After: 1e6, Tried: 7, Skipped: 1, Complete: true, Kept: true}},
		Steps:      []tune.StepTimes{{Variant: d.Variant, Before: 9e6, After: 6e6, Kept: true}},
	}
}

// someDispatch is a dispatch of the lab's base at batch 2.
var someDispatch = tune.Dispatch{Variant: "base", Module: "conv1", Entry: "forward", Key: "forward Conv2d(3, 32, kernel_size=(5, 5), stride=(4, 4), padding=(2, 2))(3, 32, 32)*2"}

// A budget that is spent at once leaves the default and saves nothing.
func TestTune(t *testing.T) {
	dev := enginetest.Open(t)
	cache := withCache(t)
	const quick = "tune --budget 1ns --batch 2 --pooling stride"
	status, out, err := call(strings.Fields(quick)...)
	if status != 0 || err != "" {
		t.Fatalf("status %d, %q", status, err)
	}
	for _, want := range []string{"adapter  " + dev.Adapter().String(), "before  after\n", "stride conv1 backward_weight  ", "  =\n", "0 tried, 0 skipped; the budget ended it", "the default stays"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	status, out, err = call(strings.Fields(quick + " --json --dry-run")...)
	var r tuneReport
	if failure := json.Unmarshal([]byte(out), &r); status != 0 || err != "" || failure != nil {
		t.Fatalf("status %d, %q, %v: %s", status, err, failure, out)
	}
	if r.Adapter != dev.Adapter() || r.Default != nn.TilingFor(dev.Adapter()) || len(r.Of) != 0 || len(r.Dispatches) != 5 || len(r.Steps) != 0 || r.Complete || r.Saved != "" {
		t.Errorf("got %+v", r)
	}
	for _, d := range r.Dispatches {
		if d.Key == "" || d.Before <= 0 || d.Ratio != 1 || d.Tiling != r.Default || d.Kept {
			t.Errorf("got %+v", d)
		}
	}
	if _, err := os.Stat(cache.Path); !os.IsNotExist(err) {
		t.Errorf("it left %s: %v", cache.Path, err)
	}
	tuned := r.Default
	tuned.Tile = 1
	if _, err := cache.Put(dev.Adapter(), found(r.Default, tuned, someDispatch), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if status, out, err := call(strings.Fields(quick)...); status != 0 || err != "" || !strings.Contains(out, "what was found before stays") {
		t.Errorf("with an entry: status %d, %q:\n%s", status, err, out)
	}
}

// The table says for each dispatch what it took and what changed, and so for each whole step.
func TestTuneTable(t *testing.T) {
	start := nn.Tiling{Workgroup: 16, Tile: 8}
	tuned := nn.Tiling{Workgroup: 32, Tile: 4}
	r := found(start, tuned, someDispatch)
	r.Dispatches = append(r.Dispatches,
		tune.Finding{Dispatch: tune.Dispatch{Variant: "base", Module: "conv2", Entry: "forward"}, Tiling: start, Before: 3e6, After: 3e6},
		tune.Finding{Dispatch: tune.Dispatch{Variant: "stride", Module: "conv2", Entry: "forward"}, Tiling: tuned, Before: 4e6, After: 2e6})
	r.Steps = append(r.Steps, tune.StepTimes{Variant: "stride", Before: 5e6, After: 5e6})
	var out strings.Builder
	newTuneReport(tuneSettings{batch: 2}, engine.Adapter{}, r, "").print(&out, "a verdict")
	want := `
                         before    after
  base conv1 forward    2.00 ms  1.00 ms  2.00x  workgroup 16 → 32, tile 8 → 4
  base conv2 forward    3.00 ms        =
  stride conv2 forward  4.00 ms  2.00 ms  2.00x  workgroup 16 → 32, tile 8 → 4 (not kept)
  base step, batch 2    9.00 ms  6.00 ms  1.50x
  stride step, batch 2  5.00 ms  5.00 ms  1.00x  (not kept)

7 tried, 1 skipped; the budget ended it
a verdict
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// A GPU has a minute by default, a software adapter two.
func TestTuneBudget(t *testing.T) {
	for kind, want := range map[engine.AdapterType]time.Duration{
		engine.CPU: 2 * time.Minute, engine.DiscreteGPU: time.Minute, engine.IntegratedGPU: time.Minute, engine.UnknownType: time.Minute,
	} {
		if got := budgetFor(engine.Adapter{Type: kind}); got != want {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
	}
}

// Tilings that won are saved, unless the user wants no file. A saved tiling that the default beat in a
// whole search is forgotten.
func TestTuneSave(t *testing.T) {
	a := engine.Adapter{Name: "card", Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: 16 << 10}}
	start := nn.TilingFor(a)
	won := start
	won.Tile = 1
	better, kept := found(start, won, someDispatch), found(start, start, someDispatch)
	kept.Tilings.Of, kept.Dispatches[0].Kept, kept.Dispatches[0].Complete = nil, false, false
	complete := found(start, start, someDispatch)
	complete.Tilings.Of, complete.Dispatches[0].Kept = nil, false
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
		got, failure := cache.Lookup(a)
		if err != nil || failure != nil || (len(got) == 1 && got[someDispatch.Key] == won) != c.there || (saved == cache.Path) != (!c.settings.dryRun && len(c.result.Tilings.Of) > 0) {
			t.Errorf("%d: saved in %q, %v; found %+v, %v", i, saved, err, got, failure)
		}
	}
}

// Tilings that cannot be saved give an error, and no line says that they are saved.
func TestTuneSaveFails(t *testing.T) {
	won := found(nn.Tiling{}, nn.Tiling{Workgroup: 1}, someDispatch)
	if file, err := (tuneSettings{}).save(tune.Cache{Path: t.TempDir()}, engine.Adapter{}, won); file != "" || err == nil {
		t.Errorf("got %q, %v", file, err)
	}
}

// tunedRun is a run that is short enough for a test, and a dispatch of it.
const tunedRun = "train --epochs 1 --batch 500 --hidden 1 --pooling max"

var tunedDispatch = tune.Dispatch{Variant: "max", Module: "conv2", Entry: "forward", Key: "forward Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))(1, 8, 8)*500"}

// A run trains with the tilings that were found, and says so. It trains with the default if a flag says
// so, if the file is damaged, and after a reset.
func TestTrainTuned(t *testing.T) {
	dev := enginetest.Open(t)
	cache, folder := withCache(t), t.TempDir()
	own := nn.TilingFor(dev.Adapter())
	tuned := own
	tuned.Tile, tuned.Workgroup = 1, 8
	runs := 0
	check := func(flags string, is bool, warning string) {
		t.Helper()
		runs++
		out := filepath.Join(folder, string(rune('a'+runs)))
		status, chat, err := call(strings.Fields(tunedRun + " -v --out " + out + flags)...)
		var config nn.Tilings
		data, failure := os.ReadFile(filepath.Join(out, "config.json"))
		if failure == nil {
			failure = json.Unmarshal(data, &config)
		}
		if status != 0 || failure != nil || config.Default != own || (config.Of[tunedDispatch.Key] == tuned) != is || len(config.Of) != map[bool]int{true: 1}[is] {
			t.Errorf("%q: status %d, %v, %s; trained with %+v, want %+v: %v", flags, status, failure, err, config, tuned, is)
		}
		if strings.Contains(chat, "tiling   tuned for this adapter (dispatches: 1)") != is || bytes.Contains(data, []byte(`"tilings"`)) != is {
			t.Errorf("%q: want to be told of a tuned tiling: %v; got\n%s\n%s", flags, is, chat, data)
		}
		// The plan of the step, which -v shows, has the workgroup of the tiling.
		if strings.Contains(planLine(err, "conv2d.forward", "y=conv2"), "WORKGROUP=8 ") != is {
			t.Errorf("%q: want the plan to have the tuned tiling: %v; got\n%s", flags, is, err)
		}
		if lines := strings.Count(err, "wgpucnn: "); lines != min(len(warning), 1) || !strings.Contains(err, warning) {
			t.Errorf("%q: wrote %q, want a line with %q", flags, err, warning)
		}
	}
	put := func() {
		t.Helper()
		if _, err := cache.Put(dev.Adapter(), found(own, tuned, tunedDispatch), time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	check("", false, "")
	put()
	check("", true, "")
	check(" --tiling default", false, "")
	tuned.Run = -3
	put()
	check("", false, "ignoring the tuned tilings: tune: "+cache.Path+`: "`+tunedDispatch.Key+`": nn: tiling: run of -3: want 1 to 64`)
	for _, want := range []string{"took the adapter's tilings out of " + cache.Path, "there were no tuned tilings of this adapter"} {
		if status, out, err := call("tune", "--reset"); status != 0 || err != "" || !strings.Contains(out, want) {
			t.Errorf("reset: status %d, %q, %q; want %q", status, out, err, want)
		}
	}
	check("", false, "")
	if err := os.WriteFile(cache.Path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	check("", false, "not a file of \"wgpucnn tune\"")
	if status, _, err := call("tune", "--reset"); status != 1 || strings.Count(err, "\n") != 1 || !strings.Contains(err, cache.Path) {
		t.Errorf("reset of a damaged file: status %d, %q", status, err)
	}
}

// planLine returns the line of a plan that has all words, "" if there is none.
func planLine(text string, words ...string) string {
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return line
		}
	}
	return ""
}

// A run that goes on has its own tilings, whatever was found since, and comes to the same weights as
// a run that never stopped. The configuration of an earlier version, with one tiling alone, goes on too.
func TestResumeTuned(t *testing.T) {
	dev := enginetest.Open(t)
	cache, folder := withCache(t), t.TempDir()
	own := nn.TilingFor(dev.Adapter())
	tuned := own
	tuned.Tile, tuned.Workgroup, tuned.Memory = 1, 8, 0
	runWith := func(dispatch *tune.Dispatch, line string) {
		t.Helper()
		if _, err := cache.Remove(dev.Adapter()); err != nil {
			t.Fatal(err)
		}
		if dispatch != nil {
			if _, err := cache.Put(dev.Adapter(), found(own, tuned, *dispatch), time.Unix(0, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if status, _, err := call(strings.Fields(line)...); status != 0 || err != "" {
			t.Fatalf("%s: status %d, %q", line, status, err)
		}
	}
	short := tunedRun + ",avg"
	long := strings.Replace(short, "--epochs 1", "--epochs 3", 1)
	whole, parts := filepath.Join(folder, "whole"), filepath.Join(folder, "parts")
	runWith(&tunedDispatch, long+" --quiet --out "+whole)
	runWith(&tunedDispatch, short+" --quiet --out "+parts)
	runWith(&someDispatch, "train --quiet --epochs 3 --resume "+parts)
	sameRun(t, parts, whole)

	untuned, earlier := filepath.Join(folder, "untuned"), filepath.Join(folder, "earlier")
	runWith(nil, long+" --quiet --out "+untuned)
	runWith(nil, short+" --quiet --out "+earlier)
	config := filepath.Join(earlier, "config.json")
	if data, err := os.ReadFile(config); err != nil || bytes.Contains(data, []byte(`"tilings"`)) {
		t.Fatalf("%v: want a configuration with one tiling alone: %s", err, data)
	}
	runWith(&tunedDispatch, "train --quiet --epochs 3 --resume "+earlier)
	sameRun(t, earlier, untuned)
}
