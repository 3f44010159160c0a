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
