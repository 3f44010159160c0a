package main

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/doctor"
	"wgpucnn/engine/enginetest"
)

// examine runs doctor as a process and returns its diagnosis.
func examine(t *testing.T, variables ...string) (ok bool, d doctor.Diagnosis) {
	t.Helper()
	ok, out, stderr := process(t, variables, "doctor", "--json")
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%s: %v: %s%s", variables, err, out, stderr)
	}
	if lines := strings.Count(stderr, "wgpucnn:"); ok && lines > 0 || !ok && lines != 1 || strings.Contains(stderr, "goroutine ") {
		t.Errorf("%s: standard error %q", variables, stderr)
	}
	return ok, d
}

// named returns the finding of a name.
func named(d doctor.Diagnosis, name string) (doctor.Finding, bool) {
	i := slices.IndexFunc(d.Findings, func(f doctor.Finding) bool { return f.Name == name })
	if i < 0 {
		return doctor.Finding{}, false
	}
	return d.Findings[i], true
}

// doctor finds the adapter that commands take, and measures a training step on it.
func TestDoctor(t *testing.T) {
	dev := enginetest.Open(t)
	ok, d := examine(t)
	if !ok || !d.Usable || d.Probe.Adapters[d.Best] != dev.Adapter() || d.Step.Measured.Images != 128 || d.System.Memory == 0 || d.System.CPU == "" {
		t.Errorf("got %v, %+v", ok, d)
	}
	ok, page, _ := process(t, nil, "doctor")
	for _, want := range []string{"system ", "adapters  0: ", dev.Adapter().String(), "best ", "watchdog ", " ms for a training step of base batch 128"} {
		if !ok || !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if status, _, err := call("doctor", "step", "--json"); status != 2 || !strings.Contains(err, `doctor: unexpected argument "step"`) {
		t.Errorf("status %d, %q", status, err)
	}
}

// A broken driver file is named, and the variable that brings it.
func TestDoctorBrokenFile(t *testing.T) {
	enginetest.Open(t)
	file := brokenDriver(t)
	// With no driver for OpenGL either, no adapter is left.
	ok, d := examine(t, append(vulkan(file), "__EGL_VENDOR_LIBRARY_DIRS="+t.TempDir())...)
	if f, found := named(d, "broken-driver"); !found || !strings.Contains(f.What, file+" is broken: no JSON: unexpected EOF.") || f.Mend != "correct VK_DRIVER_FILES, or unset it" {
		t.Errorf("got %+v", d.Findings)
	}
	if ok != d.Usable || ok != (d.Best >= 0) {
		t.Errorf("status 0: %v, %+v", ok, d)
	}
	if f, found := named(d, "variable"); len(d.Clean.Adapters) > 0 && d.Clean.Adapters[0].Backend == "Vulkan" && (!found || f.Mend != "unset VK_DRIVER_FILES VK_ICD_FILENAMES") {
		t.Errorf("got %+v", d.Findings)
	}
}

// A driver that ends its process ends no more than the processes that ask it.
func TestDoctorCrashingDriver(t *testing.T) {
	root := t.TempDir()
	const driver = `
		#include <stdlib.h>
		#include <string.h>
		static int create(void *info, void *allocator, void **instance) { abort(); }
		void *vk_icdGetInstanceProcAddr(void *instance, char const *name) { return strcmp(name, "vkCreateInstance") ? NULL : (void *)create; }
	`
	build := exec.Command(cmp.Or(os.Getenv("CC"), "gcc"), "-shared", "-fPIC", "-o", root+"/driver.so", "-xc", "-")
	build.Stdin = strings.NewReader(driver)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	file := root + "/driver.json"
	manifest := `{"file_format_version": "1.0.0", "ICD": {"library_path": "./driver.so", "api_version": "1.3.0"}}`
	if err := os.WriteFile(file, []byte(manifest), 0o666); err != nil {
		t.Fatal(err)
	}
	ok, d := examine(t, vulkan(file)...)
	if f, found := named(d, "driver-crashes"); ok || !found || !strings.Contains(f.What, file+" ends the program that asks it: SIGABRT: abort.") {
		t.Errorf("got %v, %+v", ok, d.Findings)
	}
	if _, found := named(d, "probe-crashes"); !found || d.Best != -1 {
		t.Errorf("got %+v", d)
	}
}
