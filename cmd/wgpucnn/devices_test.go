package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// process runs the program as a process of its own, where drivers can write to standard
// error, with these variables besides. ok tells whether it ended well.
func process(t *testing.T, variables []string, args ...string) (ok bool, out, err string) {
	t.Helper()
	executable, failure := os.Executable()
	if failure != nil {
		t.Fatal(failure)
	}
	var stdout, stderr bytes.Buffer
	c := exec.Command(executable, args...)
	c.Env = append(slices.Concat(os.Environ(), variables, ownCache(t)), asCommand+"=1")
	c.Stdout, c.Stderr = &stdout, &stderr
	ok = c.Run() == nil
	return ok, stdout.String(), stderr.String()
}

// ownCache returns the variables that give a process a cache of its own, but for the
// shaders that drivers keep in the user's.
func ownCache(t *testing.T) []string {
	users, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return []string{"XDG_CACHE_HOME=" + t.TempDir(), "MESA_SHADER_CACHE_DIR=" + users}
}

// vulkan returns the variables that leave the Vulkan loader one driver alone.
func vulkan(file string) []string {
	return []string{"VK_DRIVER_FILES=" + file, "VK_ICD_FILENAMES=" + file}
}

// software are the drivers that compute on the CPU, where they are installed: Mesa's, that
// of Chromium, and none of Vulkan, which leaves OpenGL.
func software(t *testing.T) []string {
	t.Helper()
	var drivers []string
	if ok, _, _ := process(t, nil, "devices", "--backend", "gl"); ok {
		drivers = append(drivers, "/none")
	}
	for _, pattern := range []string{"/usr/share/vulkan/icd.d/lvp_icd*.json", "/usr/lib/chromium/vk_swiftshader_icd.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		drivers = append(drivers, found...)
	}
	return drivers
}

// No driver says anything on standard error, with a desktop or without, unless it is asked.
func TestChatter(t *testing.T) {
	enginetest.Open(t)
	for _, driver := range software(t) {
		for _, desktop := range []string{"XDG_RUNTIME_DIR=", "XDG_RUNTIME_DIR=run", "XDG_RUNTIME_DIR=" + t.TempDir()} {
			variables := append(vulkan(driver), desktop)
			for _, line := range []string{"devices", "tune --reset"} {
				ok, out, err := process(t, variables, strings.Fields(line)...)
				if !ok || out == "" || err != "" {
					t.Errorf("%s: %s: %q, standard error %q", variables, line, out, err)
				}
			}
		}
		if _, _, err := process(t, append(vulkan(driver), "WGPU_LOG_LEVEL=debug"), "devices"); !strings.Contains(err, "[wgpu] [") {
			t.Errorf("%s: asked, wgpu says nothing but %q", driver, err)
		}
	}
}

// A machine without drivers, but for OpenGL's library, has no adapter: wgpu by itself panics.
func TestNoDriver(t *testing.T) {
	ok, out, err := process(t, append(vulkan("/none"), "__EGL_VENDOR_LIBRARY_DIRS="+t.TempDir()), "devices")
	// An EGL that finds its drivers by itself has one.
	if !ok && (out != "" || strings.Count(err, "\n") != 1 || !strings.Contains(err, "no such adapter for backend auto")) {
		t.Errorf("%q, standard error %q", out, err)
	}
}

func TestDevicesJSON(t *testing.T) {
	dev := enginetest.Open(t)
	status, out, err := call("devices", "--json")
	var adapters []engine.Adapter
	if failure := json.Unmarshal([]byte(out), &adapters); failure != nil || status != 0 || err != "" {
		t.Fatalf("status %d, %q, %q, %v", status, out, err, failure)
	}
	if !slices.Contains(adapters, dev.Adapter()) {
		t.Errorf("got %+v, want %+v among them", adapters, dev.Adapter())
	}
}
