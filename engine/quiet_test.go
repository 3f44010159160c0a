//go:build !js

package engine

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Quiet does not change a variable that the user has set.
func TestQuiet(t *testing.T) {
	for _, c := range []struct{ name, value, other, want string }{
		{"EGL_LOG_LEVEL", "", "", "fatal"},
		{"EGL_LOG_LEVEL", "debug", "", "debug"},
		{"MESA_VK_IGNORE_CONFORMANCE_WARNING", "0", "", "0"},
		{"WAYLAND_DISPLAY", "", "", "/nowhere"},
		{"WAYLAND_DISPLAY", "wayland-1", "run", "/nowhere"},
		{"WAYLAND_DISPLAY", "wayland-1", "/run/user/1", "wayland-1"},
		{"WAYLAND_DISPLAY", "/run/wayland", "", "/run/wayland"},
	} {
		t.Setenv("XDG_RUNTIME_DIR", c.other)
		t.Setenv(c.name, c.value)
		Quiet()
		if got := os.Getenv(c.name); got != c.want {
			t.Errorf("%s=%s: got %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

// Adapters does not change the environment of the process.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"EGL_LOG_LEVEL", "MESA_VK_IGNORE_CONFORMANCE_WARNING", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"} {
		t.Setenv(name, "") // Setenv restores the variable after the test
		os.Unsetenv(name)
	}
	before := os.Environ()
	Adapters("") // there may be none
	if after := os.Environ(); !slices.Equal(before, after) {
		t.Errorf("the environment was\n%q\nand is\n%q", before, after)
	}
	t.Setenv("WGPU_LOG_LEVEL", "loud")
	if _, err := Adapters(""); err == nil || !strings.Contains(err.Error(), "WGPU_LOG_LEVEL=loud: want one of off, error, warn") {
		t.Errorf("got %v", err)
	}
}
