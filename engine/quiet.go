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

// setLogLevel keeps the remarks of wgpu off standard error, unless the user asks for them.
func setLogLevel() error {
	want := strings.ToLower(cmp.Or(os.Getenv(logLevelName), "off"))
	level := slices.Index(logLevels, want)
	if level < 0 {
		return fmt.Errorf("engine: %s=%s: want one of %s", logLevelName, want, strings.Join(logLevels, ", "))
	}
	wgpu.SetLogLevel(wgpu.LogLevel(level))
	return nil
}

// Quiet keeps the remarks of Mesa and Wayland off standard error, unless the user asks for
// them. It sets variables of the process's environment, so it is for a program to call, before
// it opens an adapter. Nothing else in this package changes the environment.
//
// OpenGL in wgpu and a layer of Mesa's ask Wayland's library for a desktop. The library
// complains if there is none. A socket that does not exist, named by its full path, means no
// desktop to it, and it is silent.
func Quiet() {
	for name, value := range quiet {
		if os.Getenv(name) == "" {
			os.Setenv(name, value)
		}
	}
	if !filepath.IsAbs(os.Getenv("XDG_RUNTIME_DIR")) && !filepath.IsAbs(os.Getenv("WAYLAND_DISPLAY")) {
		os.Setenv("WAYLAND_DISPLAY", "/nowhere")
	}
}
