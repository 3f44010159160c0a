//go:build !js

package host

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"wgpucnn/engine/internal/native"
)

// Enumerate finds the adapters of a backend: "vulkan", "metal", "dx12" or "gl". "auto" and "" mean the
// system's own, or gl if that has no adapter.
func Enumerate(backend string) (*Instance, error) {
	level, err := logLevel()
	if err != nil {
		return nil, err
	}
	setLogLevel(level)
	names := []string{backend}
	if backend == "" || backend == "auto" {
		names = []string{"auto", "gl"}
	}
	for _, name := range names {
		b, known := backends[name]
		if !known {
			return nil, fmt.Errorf("%w %q: want auto, vulkan, metal, dx12 or gl", ErrBackend, name)
		}
		if name == "gl" && !native.OpenGL() {
			continue
		}
		found := newInstance(b)
		if len(found.adapters) > 0 {
			return found, nil
		}
		found.Release()
	}
	return &Instance{}, nil
}

// logLevelName is the environment variable that turns on wgpu's messages on standard error.
const logLevelName = "WGPU_LOG_LEVEL"

// logLevels are the values of that variable, by wgpu's numbers.
var logLevels = []string{"off", "error", "warn", "info", "debug", "trace"}

// logLevel returns the number of the level that the user asks for. Without the variable wgpu's messages are off.
func logLevel() (int, error) {
	want := strings.ToLower(cmp.Or(os.Getenv(logLevelName), "off"))
	level := slices.Index(logLevels, want)
	if level < 0 {
		return 0, fmt.Errorf("%s=%s: want one of %s", logLevelName, want, strings.Join(logLevels, ", "))
	}
	return level, nil
}
