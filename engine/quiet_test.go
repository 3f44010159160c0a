package engine

import (
	"os"
	"strings"
	"testing"
)

// What the user has set is a wish to read more, and stays.
func TestQuieten(t *testing.T) {
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
		if err := quieten(); err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv(c.name); got != c.want {
			t.Errorf("%s=%s: got %s, want %s", c.name, c.value, got, c.want)
		}
	}
	t.Setenv(logLevelName, "loud")
	if _, err := Adapters(""); err == nil || !strings.Contains(err.Error(), "WGPU_LOG_LEVEL=loud: want one of off, error, warn") {
		t.Errorf("got %v", err)
	}
}
