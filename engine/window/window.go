// Package window shows a picture in a window of the desktop. wgpu draws it, on an adapter that
// this package chooses. The window exists on Linux alone (X11, or Wayland through XWayland). On
// other systems, and with the build tags headless or wgpu27, Open returns an error. The tags also
// remove GLFW and X11's libraries from the program.
//
// Only the goroutine that opened a Window may use it.
package window

// Events are the events of a window since the last Wait.
type Events struct {
	Keys    []rune // the characters typed
	Exposed bool   // the window must be drawn again: its size changed, or its contents were lost
	Closed  bool   // the user closed the window, or it is lost
}
