//go:build !js

package engine

import (
	"os"
	"path/filepath"
)

// quietVariables are environment variables of Mesa. These values keep its remarks off standard
// error, but not the messages before an abort. A variable that the user has set stays.
var quietVariables = map[string]string{
	"EGL_LOG_LEVEL":                      "fatal", // no remarks on devices that it cannot open
	"MESA_VK_IGNORE_CONFORMANCE_WARNING": "true",  // no remarks on drivers that are not certified
}

// Quiet keeps the remarks of Mesa and Wayland off standard error, unless the user asks for
// them. It sets environment variables of the process, so only a program calls it, before it
// opens an adapter. Nothing else in this package changes the environment.
//
// wgpu's OpenGL and a Vulkan layer of Mesa ask Wayland's library for a desktop. The library
// complains if there is no desktop. It is silent if WAYLAND_DISPLAY is the full path of a
// socket that does not exist.
func Quiet() {
	for name, value := range quietVariables {
		if os.Getenv(name) == "" {
			os.Setenv(name, value)
		}
	}
	if !filepath.IsAbs(os.Getenv("XDG_RUNTIME_DIR")) && !filepath.IsAbs(os.Getenv("WAYLAND_DISPLAY")) {
		os.Setenv("WAYLAND_DISPLAY", "/nowhere")
	}
}
