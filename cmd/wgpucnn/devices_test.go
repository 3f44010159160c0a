package main

import (
	"bytes"
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
// error, with these variables besides.
func process(t *testing.T, variables []string, args ...string) (out, err string) {
	t.Helper()
	executable, failure := os.Executable()
	if failure != nil {
		t.Fatal(failure)
	}
	var stdout, stderr bytes.Buffer
	c := exec.Command(executable, args...)
	c.Env = append(slices.Concat(os.Environ(), variables), asCommand+"=1", "XDG_CACHE_HOME="+t.TempDir())
	c.Stdout, c.Stderr = &stdout, &stderr
	if failure := c.Run(); failure != nil {
		t.Fatalf("%v: %v: %s", args, failure, &stderr)
	}
	return stdout.String(), stderr.String()
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
	if _, err := engine.Adapters("gl"); err == nil {
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
	enginetest.Open(t).Release()
	for _, driver := range software(t) {
		for _, desktop := range []string{"XDG_RUNTIME_DIR=", "XDG_RUNTIME_DIR=run", "XDG_RUNTIME_DIR=" + t.TempDir()} {
			variables := append(vulkan(driver), desktop)
			for _, line := range []string{"devices", "tune --reset"} {
				out, err := process(t, variables, strings.Fields(line)...)
				if out == "" || err != "" {
					t.Errorf("%s: %s: %q, standard error %q", variables, line, out, err)
				}
			}
		}
		if _, err := process(t, append(vulkan(driver), "WGPU_LOG_LEVEL=debug"), "devices"); !strings.Contains(err, "[wgpu] [") {
			t.Errorf("%s: asked, wgpu says nothing but %q", driver, err)
		}
	}
}
