package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"

	"github.com/spf13/pflag"
)

func TestSeedList(t *testing.T) {
	for text, want := range map[string][]uint64{
		"": {7}, "3": {3}, "0-3": {0, 1, 2, 3}, "1,5,7": {1, 5, 7}, "8,0-1,5": {8, 0, 1, 5}, "18446744073709551615": {1<<64 - 1},
	} {
		if got, err := (repeats{seed: 7, seeds: text}).list(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"a": `"a": want seeds by commas`, "1,": `"": want seeds`, "3-1": `"3-1": want`, "-1": `"-1": want`, "1-": `"1-": want`,
		"1,0-2": "seed 1 stands there twice", "0-1000": "want at most 1000 seeds", "5,10-1009": "want at most 1000", "0-18446744073709551615": "want at most 1000",
	} {
		if got, err := (repeats{seeds: text}).list(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want %q", text, got, err, want)
		}
	}
	if err := (repeats{seeds: "0-1", jobs: 1}).check(pflag.NewFlagSet("train", pflag.ContinueOnError), 101); err == nil || err.Error() != "train: --seeds: 101 networks: want at most 100, because each pair is compared" {
		t.Errorf("101 networks: got %v", err)
	}
}

// The parts of a run are its networks and seeds, each once, in order.
func TestShards(t *testing.T) {
	s := settings{pooling: []string{"max", "avg"}, hidden: 2, poolSize: 1, repeats: repeats{seeds: "4,2-3"}}
	all := s.names()
	if want := []string{"max/seed-4", "avg/seed-4", "max/seed-2", "avg/seed-2", "max/seed-3", "avg/seed-3"}; !slices.Equal(all, want) {
		t.Fatalf("got %v, want %v", all, want)
	}
	for parts := 1; parts <= len(all); parts++ {
		var together []string
		for part := range parts {
			s.shard = fmt.Sprintf("%d/%d", part+1, parts)
			names := s.names()
			if size := len(all) / parts; len(names) < size || len(names) > size+1 {
				t.Errorf("part %s has %d of %d", s.shard, len(names), len(all))
			}
			together = append(together, names...)
		}
		if !slices.Equal(together, all) {
			t.Errorf("%d parts are %v", parts, together)
		}
	}
	s.seeds, s.shard = "", "2/2"
	if names := s.names(); !slices.Equal(names, []string{"avg"}) {
		t.Errorf("without seeds: %v", names)
	}
}

// weightsOf reads the weights of a run's variant.
func weightsOf(t *testing.T, parts ...string) nn.StateDict {
	t.Helper()
	model, err := modelfile.Load(filepath.Join(append(parts, runs.ModelFile)...))
	if err != nil {
		t.Fatal(err)
	}
	return model.State
}

// A run of several seeds leaves what runs of each seed alone leave, and compares the networks. Broken
// off and resumed it leaves the same.
func TestSeeds(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	line := "train --epochs 2 --batch 500 --hidden 2 --pooling max,avg --validation 0.1 --tiling default --checkpoint-every 1 --out "
	many := line + in("many") + " --seeds 5,3 --log " + in("log")
	out := mustCall(t, strings.Fields(many)...)
	for _, want := range []string{"SGD lr 0.005 momentum 0.9, seeds 5,3\n", "\nmax/seed-5\n", "\navg/seed-3\n", "every run\n", "more than chance\n", "max - avg ", "no network is called best: 2 seeds cannot tell", "; the best run of ", "This test needs 6 seeds or more to tell 2 networks apart."} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	mustCall(t, strings.Fields(line+in("alone")+" --seed 3 --quiet")...)
	for _, name := range []string{"max", "avg"} {
		if !reflect.DeepEqual(weightsOf(t, in("many"), name, "seed-3"), weightsOf(t, in("alone"), name)) {
			t.Errorf("%s: other weights than those of seed 3 alone", name)
		}
		if reflect.DeepEqual(weightsOf(t, in("many"), name, "seed-5"), weightsOf(t, in("alone"), name)) {
			t.Errorf("%s: seeds 3 and 5 have the same weights", name)
		}
	}
	lines, _ := readLog(t, in("log"))
	if i := slices.IndexFunc(lines, func(l runs.LogLine) bool { return l.Event == "seeds" }); i < 0 || len(lines[i].Comparison.Networks) != 2 || len(lines[i].Comparison.Pairs) != 1 {
		t.Errorf("the log has no comparison: %+v", lines)
	}
	if _, out, _ := call("summary", in("many")); !strings.Contains(out, "hidden 2, pool size 1; 2 epochs, batch 500, SGD lr 0.005 momentum 0.9, seed ") {
		t.Errorf("summary of the run: %s", out)
	}

	writes := 0
	runs.WriteCheckpoint = func(path string, data []byte) error {
		if writes++; writes > 3 {
			return errors.New("the disk is full")
		}
		return durable.Write(path, data)
	}
	defer func() { runs.WriteCheckpoint = durable.Write }()
	if status, _, _ := call(strings.Fields(line + in("broken") + " --seeds 5,3 --quiet")...); status != 1 {
		t.Fatalf("status %d on a full disk", status)
	}
	runs.WriteCheckpoint = durable.Write
	mustCall(t, "train", "--quiet", "--resume", in("broken"))
	whole, resumed := runstest.Files(t, in("many")), runstest.Files(t, in("broken"))
	leaveOutPrevious(whole, resumed)
	if len(whole) != 4+4*8 || len(resumed) != len(whole) {
		t.Errorf("%d files, and %d after --resume", len(whole), len(resumed))
	}
	for name, data := range whole {
		if base := filepath.Base(name); (base == runs.ModelFile || base == runs.MetricsFile || base == runs.ConfigFile) && string(resumed[name]) != string(data) {
			t.Errorf("%s differs", name)
		}
	}
	if out := mustCall(t, "train", "--resume", in("many")); !strings.Contains(out, "is complete, 2 epochs of max, avg from seeds 5,3; --epochs trains for more") {
		t.Errorf("got %q", out)
	}
}

// The seeds of a run share one split of the pictures, by seed 0, and eval measures a model on its own test
// rows. Each seed has the normalisation of its training rows.
func TestSeedsOfPhotos(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	writePhotos(t, "photos", 20)
	line := "train --data photos --split 0.25 --size 16 --normalize data --epochs 2 --batch 8 --hidden 2 --pooling max --validation 0.2 --tiling default --quiet --out "
	mustCall(t, strings.Fields(line+"many --seeds 0,3")...)
	mustCall(t, strings.Fields(line+"zero --seed 0")...)
	if !reflect.DeepEqual(weightsOf(t, "many", "max", "seed-0"), weightsOf(t, "zero", "max")) {
		t.Error("seed 0 has other weights than alone")
	}
	first := func(parts ...string) string {
		model, err := modelfile.Load(filepath.Join(append(parts, runs.ModelFile)...))
		if err != nil {
			t.Fatal(err)
		}
		return model.Modules[0].Layer.String()
	}
	if a, b := first("many", "max", "seed-0"), first("many", "max", "seed-3"); a == b || a != first("zero", "max") {
		t.Errorf("the first layers are %s and %s", a, b)
	}
	summary, err := runs.ReadSummary("many")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range summary.Variants {
		var e struct{ Test struct{ Loss float64 } }
		if err := json.Unmarshal([]byte(mustCall(t, "eval", filepath.Join("many", v.Folder), "--data", "photos", "--json")), &e); err != nil || math.Abs(e.Test.Loss-v.Test.Loss) > 1e-6*v.Test.Loss {
			t.Errorf("%s: eval has a loss of %v, %v, want %v", v.Name, e.Test.Loss, err, v.Test.Loss)
		}
	}
}

// The parts of a run, made into one by report, are the run that was never parted. A part alone is
// named as missing the others.
func TestReportParts(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	line := "train -q --epochs 1 --batch 500 --hidden 1 --pooling max,avg --seeds 0-2 --tiling default --out "
	mustCall(t, strings.Fields(line+"whole")...)
	for part := 1; part <= 3; part++ {
		mustCall(t, strings.Fields(fmt.Sprintf("%sparts/%d --shard %d/3", line, part, part))...)
	}
	status, out, stderr := call("report", "parts/3", "parts/1", "parts/2", "--out", "parts/all.html")
	if status != 0 || stderr != "" || !strings.Contains(out, "no network is called best: 3 seeds cannot tell") || !strings.HasSuffix(out, "\nparts/all.html\nparts/summary.json\nparts/summary.md\n") {
		t.Fatalf("status %d, %q, %q", status, out, stderr)
	}
	whole, err := runs.ReadSummary("whole")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := runs.ReadSummary("parts")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := parts.Config.Recipe, whole.Config.Recipe; got != want {
		t.Errorf("recipe %+v, want %+v", got, want)
	}
	for i, v := range parts.Variants {
		w := whole.Variants[i]
		if v.Name != w.Name || v.Test != w.Test || v.Seed != w.Seed || !reflect.DeepEqual(weightsOf(t, "parts", v.Folder), weightsOf(t, "whole", w.Folder)) {
			t.Errorf("variant %d is %+v, want %+v", i, v, w)
		}
	}
	if !reflect.DeepEqual(parts.Pairs(), whole.Pairs()) {
		t.Errorf("pairs %+v, want %+v", parts.Pairs(), whole.Pairs())
	}
	if page := string(runstest.Files(t, "parts")["all.html"]); !strings.Contains(page, "--seeds=0-2") || strings.Contains(page, "--shard=") {
		t.Error("the page has the command of a part")
	}
	if status, _, stderr := call("report", "parts/3", "parts/1", "--out", "parts/two.html"); status != 0 || stderr != "wgpucnn: parts 2 of 3 are missing: the comparison is without them\n" {
		t.Errorf("status %d, %q", status, stderr)
	}
	if status, _, stderr := call("report", "whole", "parts/1"); status != 1 || !strings.Contains(stderr, "max/seed-0 is in whole and in parts/1: want each part once") {
		t.Errorf("status %d, %q", status, stderr)
	}
	if status, _, stderr := call("report", "parts/1", "parts/2", "--out", "whole/page.html"); status != 1 || !strings.Contains(stderr, "whole is the folder of a run, which has its own summary") {
		t.Errorf("status %d, %q", status, stderr)
	}

	// A part that was killed before its summary gets one.
	if err := os.Remove("parts/2/summary.json"); err != nil {
		t.Fatal(err)
	}
	mustCall(t, "report", "parts/1", "parts/2", "parts/3", "--out", "parts/all.html")
	again, err := runs.ReadSummary("parts")
	if err != nil || !reflect.DeepEqual(again.Networks(), parts.Networks()) {
		t.Errorf("after mending a part: %+v, %v, want %+v", again.Networks(), err, parts.Networks())
	}
}
