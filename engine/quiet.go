package engine

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// logLevelName is the variable that lets wgpu speak on standard error.
const logLevelName = "WGPU_LOG_LEVEL"

// logLevels are its values, by wgpu's numbers.
var logLevels = []string{"off", "error", "warn", "info", "debug", "trace"}

// quiet are variables of Mesa that keep its remarks off standard error, and leave what it
// ends the process for. One that the user has set stays as it is.
var quiet = map[string]string{
	"EGL_LOG_LEVEL":                      "fatal", // of devices that may not be opened
	"MESA_VK_IGNORE_CONFORMANCE_WARNING": "true",  // of drivers that are not certified
}

// quieten keeps the remarks of wgpu, Mesa and Wayland off standard error, unless the user
// asks for them. Whoever looks for a desktop by Wayland's library, as wgpu does for OpenGL
// and Mesa's layer that picks a device, makes it complain where there is none: a socket
// that is not there, named by its full path, is no desktop without a word.
func quieten() error {
	want := strings.ToLower(cmp.Or(os.Getenv(logLevelName), "off"))
	level := slices.Index(logLevels, want)
	if level < 0 {
		return fmt.Errorf("engine: %s=%s: want one of %s", logLevelName, want, strings.Join(logLevels, ", "))
	}
	wgpu.SetLogLevel(wgpu.LogLevel(level))
	for name, value := range quiet {
		if os.Getenv(name) == "" {
			os.Setenv(name, value)
		}
	}
	if !filepath.IsAbs(os.Getenv("XDG_RUNTIME_DIR")) && !filepath.IsAbs(os.Getenv("WAYLAND_DISPLAY")) {
		os.Setenv("WAYLAND_DISPLAY", "/nowhere")
	}
	return nil
}
