//go:build (headless || wgpu27 || (!linux && !windows)) && !js

package window

import (
	"errors"
	"image"
	"time"
)

var errBuild = errors.New("window: this program was built without windows: they need Linux or Windows, and a build without the tags headless and wgpu27")

// Check always returns an error in this build.
func Check() error { return errBuild }

// Window is never opened in this build.
type Window struct{}

// Open always returns an error in this build.
func Open(title string, width, height int, adapter string) (*Window, error) {
	return nil, errBuild
}

// Wait returns no events.
func (*Window) Wait(time.Duration) Events { return Events{} }

// Size returns 0 x 0.
func (*Window) Size() (width, height int) { return 0, 0 }

// Show does nothing.
func (*Window) Show(*image.RGBA) error { return nil }

// Pixels always returns an error in this build.
func (*Window) Pixels() (*image.RGBA, error) { return nil, errBuild }

// Close does nothing.
func (*Window) Close() {}
