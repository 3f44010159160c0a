package main

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/verify"
)

// A verification that finds a fault returns an error and always writes a report. Without a fault it
// writes a report if the user wants one.
func TestVerifyFinish(t *testing.T) {
	t.Chdir(t.TempDir())
	good := verify.Report{Version: "v1", Adapters: []verify.AdapterReport{{Results: []verify.Result{{Name: "relu", Cases: 2}}}}}
	bad := verify.Report{Version: "v1", Adapters: []verify.AdapterReport{{Results: []verify.Result{
		{Name: "relu", Cases: 2, Worst: verify.Infinite, Failed: []verify.Finding{{Case: "one", Reason: "y is wrong"}}},
	}}}}
	for _, c := range []struct {
		settings verifySettings
		report   verify.Report
		file     string // that is written
		fails    bool
	}{
		{verifySettings{}, good, "", false},
		{verifySettings{report: "good.json"}, good, "good.json", false},
		{verifySettings{json: true}, bad, faultReport, true},
		{verifySettings{report: "bad.json"}, bad, "bad.json", true},
	} {
		var out bytes.Buffer
		err := c.settings.finish(c.report, streams{&out, &out})
		if (err != nil) != c.fails || c.fails && !strings.Contains(err.Error(), "verify: 1 failed") {
			t.Errorf("%+v: got %v", c.settings, err)
		}
		if c.settings.json {
			var again verify.Report
			if err := json.Unmarshal(out.Bytes(), &again); err != nil || again.Failed() != 1 {
				t.Errorf("%+v: %v: %s", c.settings, err, out.String())
			}
		}
		entries, err := os.ReadDir(".")
		if err != nil {
			t.Fatal(err)
		}
		if c.file == "" && len(entries) > 0 {
			t.Errorf("%+v: left %v", c.settings, entries)
		}
		if c.file != "" {
			data, err := os.ReadFile(c.file)
			if err != nil || !strings.Contains(string(data), `"version": "v1"`) {
				t.Errorf("%+v: %v: %s", c.settings, err, data)
			}
			os.Remove(c.file)
		}
	}
}

// --limits default opens each adapter with WebGPU's default limits.
func TestVerifyLimits(t *testing.T) {
	enginetest.Open(t)
	for limits, want := range map[string]bool{"adapter": false, "default": true} {
		for _, all := range []bool{false, true} {
			chosen, err := verifySettings{limits: limits, all: all}.options()
			if err != nil || len(chosen) == 0 {
				t.Fatalf("%s: %v, %v", limits, chosen, err)
			}
			for _, o := range chosen {
				if o.DefaultLimits != want {
					t.Errorf("--limits %s: %+v", limits, o)
				}
			}
		}
	}
}

// Every adapter, of any type, is opened once for each core. An adapter that does not exist is an error.
func TestVerifyDevices(t *testing.T) {
	enginetest.Open(t)
	devices, err := openDevices(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, dev := range devices {
		dev.Release()
	}
	if want := min(runtime.NumCPU(), mostDevices); len(devices) != want {
		t.Errorf("got %d devices, want %d", len(devices), want)
	}
	if _, err := openDevices(engine.Options{Adapter: "no such adapter"}); err == nil {
		t.Error("no error for an adapter that does not exist")
	}
}

// The command that repeats a case has the flags that choose the adapter.
func TestVerifyRepeating(t *testing.T) {
	for want, o := range map[string]engine.Options{
		"wgpucnn verify": {},
		"wgpucnn verify --adapter 1 --backend vulkan --limits default": {Adapter: "1", Backend: "vulkan", DefaultLimits: true},
	} {
		if got := strings.Join(repeating(o), " "); got != want {
			t.Errorf("%+v: got %q, want %q", o, got, want)
		}
	}
}

// --list prints the parts or, of a selection, the cases. It opens no adapter.
func TestVerifyList(t *testing.T) {
	t.Setenv("WGPU_ADAPTER_NAME", "no such adapter")
	if out := mustCall(t, "verify", "--list"); !strings.HasPrefix(out, "  part           cases\n  activation  ") || strings.Count(out, "\n") != 1+len(verify.Names()) {
		t.Errorf("got %s", out)
	}
	if out := mustCall(t, "verify", "--list", "--op", "training,add", "--case", "base,"); out != "training\n  base, GPU family\n" {
		t.Errorf("got %s", out)
	}
	folder := t.TempDir()
	for line, want := range map[string]string{
		"--op rellu":                     "verify: --op rellu: no part has that name: did you mean relu?",
		"--op relu --case tensors":       `verify: --case "tensors": no case has this text in its name`,
		"--list --json":                  "verify: --list: want --op and --case beside it alone",
		"--reproduce " + folder:          "verify: --reproduce " + folder + ": that exists already: want a new folder",
		"--reproduce " + folder + "/a/b": "there is no folder " + folder + "/a: make it first",
	} {
		if status, _, err := call(append([]string{"verify"}, strings.Fields(line)...)...); status == 0 || !strings.Contains(err, want) {
			t.Errorf("%s: status %d, %s, want %s", line, status, err, want)
		}
	}
}

// A selection runs its cases alone, and the report has them alone.
func TestVerifySelection(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	mustCall(t, "verify", "--op", "add", "--case", "3 tensors of 64", "--report", "report.json")
	var r verify.Report
	data, err := os.ReadFile("report.json")
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil || len(r.Adapters[0].Results) != 1 || r.Adapters[0].Results[0].Name != "add" || r.Adapters[0].Results[0].Cases > 3 {
		t.Errorf("got %v, %s", err, data)
	}
}
