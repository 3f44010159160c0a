// Package window shows a picture in a window of the desktop. wgpu draws it, on an adapter that
// this package chooses. The window exists on Linux (X11, or Wayland through XWayland) and Windows. In a
// browser the page shows the picture. On other systems, and with the build tags headless or wgpu27, Open
// returns an error. The tags also remove GLFW and X11's libraries from the program.
//
// Only the goroutine that opened a Window may use it.
package window

import "runtime"

// HasKeys tells whether windows report what is typed. A page does not: it has buttons.
const HasKeys = runtime.GOOS != "js"

// Events are the events of a window since the last Wait.
type Events struct {
	Keys    []rune // the characters typed
	Exposed bool   // the window must be drawn again: its size changed, or its contents were lost
	Closed  bool   // the user closed the window, or it is lost
}
