// Package enginetest opens devices for tests.
package enginetest

import (
	"os"
	"testing"

	"wgpucnn/engine"
)

// Open returns a device that is released when the test ends. Where there is no
// adapter the test is skipped, or fails if WGPUCNN_REQUIRE_GPU is 1.
func Open(tb testing.TB) *engine.Device {
	tb.Helper()
	dev, err := engine.Open(engine.Options{})
	if err != nil {
		if os.Getenv("WGPUCNN_REQUIRE_GPU") == "1" {
			tb.Fatal(err)
		}
		tb.Skip(err)
	}
	tb.Cleanup(dev.Release)
	return dev
}
