// Package window shows a picture in a window of the desktop, drawn through wgpu on an
// adapter of its own choice. It is built on Linux alone (X11, or Wayland by way of
// XWayland); elsewhere, and with the build tag headless, which leaves GLFW and X11's
// libraries out, Open returns an error.
//
// A Window is for the goroutine that opened it.
package window

// Events are what happened to a window.
type Events struct {
	Keys    []rune // that were typed
	Exposed bool   // it wants to be shown again: its size has changed, or what it showed is lost
	Closed  bool   // the user has asked to close it
}
