package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
)

// Without a display --window gives one line, and nothing else happens.
func TestWindowWithoutDisplay(t *testing.T) {
	for _, display := range []string{"", ":77777"} {
		t.Setenv("DISPLAY", display)
		folder := filepath.Join(t.TempDir(), "run")
		status, out, err := call("train", "--window", "--out", folder)
		if status != exitFailure || out != "" || !strings.HasPrefix(err, "wgpucnn: train: --window: window: ") ||
			!strings.Contains(err, "leave it out") || strings.Count(err, "\n") != 1 {
			t.Errorf("DISPLAY=%q: status %d, %q, %q", display, status, out, err)
		}
		if _, err := os.Stat(folder); !os.IsNotExist(err) {
			t.Errorf("DISPLAY=%q: it left a folder: %v", display, err)
		}
	}
}

// A build with the tag headless has no GLFW. It trains, and says why there is no window.
func TestHeadless(t *testing.T) {
	deps, err := exec.Command("go", "list", "-tags", "headless", "-deps", "wgpucnn/...").Output()
	if err != nil || strings.Contains(string(deps), "glfw") {
		t.Errorf("%v: the headless build has GLFW", err)
	}
	enginetest.Open(t)
	binary := filepath.Join(t.TempDir(), "wgpucnn")
	if out, err := exec.Command("go", "build", "-tags", "headless", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if libraries, err := exec.Command("ldd", binary).CombinedOutput(); err == nil && strings.Contains(string(libraries), "libX") {
		t.Errorf("the headless build is linked to X11:\n%s", libraries)
	}
	folder := filepath.Join(t.TempDir(), "run")
	if out, err := exec.Command(binary, "train", "--window", "--out", folder).CombinedOutput(); err == nil || !strings.Contains(string(out), "built without windows") {
		t.Errorf("--window: %v: %s", err, out)
	}
	if out, err := exec.Command(binary, "train", "--epochs", "1", "--hidden", "2", "--pooling", "avg", "--out", folder).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
