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

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// process runs the program as a process of its own, because drivers write to the standard error of
// the process. variables are added to the environment. ok tells whether the process succeeded.
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

// ownCache returns the variables that give a process a cache of its own. Drivers still keep their
// shaders in the user's cache.
func ownCache(t *testing.T) []string {
	users, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return []string{"XDG_CACHE_HOME=" + t.TempDir(), "MESA_SHADER_CACHE_DIR=" + users}
}

// vulkan returns the variables that let the Vulkan loader find one driver alone.
func vulkan(file string) []string {
	return []string{"VK_DRIVER_FILES=" + file, "VK_ICD_FILENAMES=" + file}
}

// software returns the variables that choose the installed drivers that compute on the CPU: OpenGL's,
// and those of Mesa and Chromium for Vulkan.
func software(t *testing.T) [][]string {
	t.Helper()
	var drivers [][]string
	if ok, _, _ := process(t, nil, "devices", "--backend", "gl"); ok {
		drivers = append(drivers, []string{"WGPU_BACKEND=gl"})
	}
	for _, pattern := range []string{"/usr/share/vulkan/icd.d/lvp_icd*.json", "/usr/lib/chromium/vk_swiftshader_icd.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			drivers = append(drivers, vulkan(file))
		}
	}
	return drivers
}

// With or without a desktop, no driver writes to standard error unless the user asks for that.
func TestChatter(t *testing.T) {
	enginetest.Open(t)
	for _, driver := range software(t) {
		for _, desktop := range []string{"XDG_RUNTIME_DIR=", "XDG_RUNTIME_DIR=run", "XDG_RUNTIME_DIR=" + t.TempDir()} {
			variables := append(slices.Clone(driver), desktop)
			for _, line := range []string{"devices", "tune --reset"} {
				ok, out, err := process(t, variables, strings.Fields(line)...)
				if !ok || out == "" || err != "" {
					t.Errorf("%s: %s: %q, standard error %q", variables, line, out, err)
				}
			}
		}
		if _, _, err := process(t, append(slices.Clone(driver), "WGPU_LOG_LEVEL=debug"), "devices"); !strings.Contains(err, "[wgpu] [") {
			t.Errorf("%s: asked, wgpu says nothing but %q", driver, err)
		}
	}
}

// A machine with OpenGL's library and no driver has no adapter. wgpu alone would panic there.
func TestNoDriver(t *testing.T) {
	ok, out, err := process(t, append(vulkan("/none"), "__EGL_VENDOR_LIBRARY_DIRS="+t.TempDir()), "devices")
	// An EGL that finds its drivers without variables has an adapter.
	if !ok && (out != "" || strings.Count(err, "\n") != 1 || !strings.Contains(err, "no such adapter for backend auto")) {
		t.Errorf("%q, standard error %q", out, err)
	}
}

// brokenDriver returns a file of a Vulkan driver that is no JSON.
func brokenDriver(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(file, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// A broken file of a Vulkan driver is named if it hides all Vulkan adapters. It always hides them if
// there is no other file, and may hide them beside sound files.
func TestBrokenDriver(t *testing.T) {
	enginetest.Open(t)
	file := brokenDriver(t)
	for _, variables := range [][]string{vulkan(file), {"VK_DRIVER_FILES=", "VK_ICD_FILENAMES=", "VK_ADD_DRIVER_FILES=" + file}} {
		for _, line := range []string{"devices", "devices --json", "tune --reset", "train --batch 1501", "predict nowhere nothing", "devices --backend vulkan"} {
			_, out, err := process(t, variables, strings.Fields(line)...)
			lost := !strings.Contains(out, "Vulkan") && !strings.HasPrefix(line, "predict")
			if named := strings.Count(err, "driver file "+file+": no JSON: unexpected EOF: "); lost && named != 1 || named > 1 {
				t.Errorf("%s %s: %q, standard error %q: want the file named", variables, line, out, err)
			}
			if strings.Contains(line, "devices") && lost && strings.Count(err, "\n") != 1 {
				t.Errorf("%s %s: standard error %q, want one line", variables, line, err)
			}
		}
	}
}

// The variables choose if no flag does. The line about the adapter names them. A wrong value is a
// usage error that names the variable.
func TestAdapterVariables(t *testing.T) {
	dev := enginetest.Open(t)
	backend := map[string]string{"Vulkan": "VK", "Metal": "mtl", "D3D12": "D3D12", "OpenGL": "opengl"}[dev.Adapter().Backend]
	name := strings.ToUpper(dev.Adapter().Name)
	for _, c := range []struct {
		backend, adapter, line string
		status                 int
		want                   string
	}{
		{backend, "", "tune --reset", 0, "adapter  " + dev.Adapter().String() + ", by WGPU_BACKEND=" + backend + "\n"},
		{"cuda, " + backend, "", "tune --reset", 0, ", by WGPU_BACKEND=cuda, " + backend + "\n"},
		{"", name, "tune --reset", 0, "adapter  " + dev.Adapter().String() + ", by WGPU_ADAPTER_NAME=" + name + "\n"},
		{backend, name, "tune --reset", 0, ", by WGPU_BACKEND=" + backend + " WGPU_ADAPTER_NAME=" + name + "\n"},
		{"cuda", "geforce9000", "tune --reset --backend auto --adapter 0", 0, "adapter  " + dev.Adapter().String() + "\n"},
		{backend, "", "devices", 0, "\nWGPU_BACKEND=" + backend + " chose the backend.\n"},
		{"", "geforce9000", "devices", 0, dev.Adapter().Name},
		{"cuda", "", "devices", 2, "wgpucnn: devices: WGPU_BACKEND=cuda: want one of vulkan, metal, dx12, gl, auto\n"},
		{"cuda", "", "bench --all", 2, "wgpucnn: bench: WGPU_BACKEND=cuda: want"},
		{",", "", "verify", 2, "wgpucnn: verify: WGPU_BACKEND=,: want"},
		{"cuda", "", "predict a b", 2, "wgpucnn: predict: WGPU_BACKEND=cuda: want"},
		{"", "geforce9000", "train", 2, `wgpucnn: train: WGPU_ADAPTER_NAME=geforce9000: engine: adapter "geforce9000": no such adapter: want one of 0 = `},
		{"", "geforce9000", "bench", 2, "wgpucnn: bench: WGPU_ADAPTER_NAME=geforce9000: "},
		{backend, "", "tune --adapter geforce9000", 2, "wgpucnn: tune: WGPU_BACKEND=" + backend + `: engine: adapter "geforce9000": `},
		{"", name, "tune --adapter geforce9000", 1, `wgpucnn: engine: adapter "geforce9000": `},
	} {
		t.Setenv(choose.BackendVariable, c.backend)
		t.Setenv(choose.AdapterVariable, c.adapter)
		status, out, err := call(strings.Fields(c.line)...)
		if status != c.status || !strings.Contains(out+err, c.want) || status != 0 && (out != "" || strings.Count(err, "\n") != 1) {
			t.Errorf("WGPU_BACKEND=%s WGPU_ADAPTER_NAME=%s %s: status %d, %q, %q; want %d and %q", c.backend, c.adapter, c.line, status, out, err, c.status, c.want)
		}
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
