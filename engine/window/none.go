//go:build headless || !linux

package window

import (
	"errors"
	"image"
	"time"
)

var errBuild = errors.New("window: this program was built without windows: they take Linux, and no build tag headless")

// Check returns an error.
func Check() error { return errBuild }

// Window cannot be had in this build; see Open.
type Window struct{}

// Open returns an error.
func Open(title string, width, height int, adapter string) (*Window, error) {
	return nil, errBuild
}

// Wait would return events.
func (*Window) Wait(time.Duration) Events { return Events{} }

// Size would return the size in pixels.
func (*Window) Size() (width, height int) { return 0, 0 }

// Show would show a picture.
func (*Window) Show(*image.RGBA) error { return nil }

// Pixels would return what the window shows.
func (*Window) Pixels() (*image.RGBA, error) { return nil, errBuild }

// Close would close the window.
func (*Window) Close() {}
