//go:build (linux || windows) && !headless && !wgpu27

package window

import (
	"fmt"
	"image"
	"runtime"
	"time"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// Window is an open window.
type Window struct {
	window *glfw.Window
	screen *screen
	events Events // since the last Wait
}

// Check returns the error that Open would return without a display, or nil.
func Check() error {
	disconnect, err := connect()
	if err == nil {
		disconnect()
	}
	return err
}

// Open opens a window of width x height pixels. It draws on the adapter of that name if this
// can show pictures, else on another. It locks the calling goroutine to its thread and lowers
// the thread's priority, so that drawing uses only spare CPU time. On Linux, threads that the driver
// starts inherit the priority. The goroutine should end after Close, and its thread ends with
// it.
func Open(title string, width, height int, adapter string) (*Window, error) {
	disconnect, err := connect()
	if err != nil {
		return nil, err
	}
	// Keep this connection until GLFW has its own: some servers reset after the last one closes.
	defer disconnect()
	runtime.LockOSThread()
	lowerPriority()
	w := &Window{}
	if err := w.open(title, width, height, adapter); err != nil {
		w.Close()
		return nil, fmt.Errorf("window: %w", err)
	}
	return w, nil
}

func (w *Window) open(title string, width, height int, adapter string) error {
	if err := glfw.Init(); err != nil {
		return err
	}
	guardDisplay()
	glfw.WindowHint(glfw.ClientAPI, glfw.NoAPI)
	var err error
	if w.window, err = glfw.CreateWindow(width, height, title, nil, nil); err != nil {
		return err
	}
	w.window.SetCharCallback(func(_ *glfw.Window, key rune) { w.events.Keys = append(w.events.Keys, key) })
	w.window.SetFramebufferSizeCallback(func(*glfw.Window, int, int) { w.events.Exposed = true })
	w.window.SetRefreshCallback(func(*glfw.Window) { w.events.Exposed = true })
	w.screen, err = newScreen(surface(w.window), adapter)
	return err
}

// Wait waits for events, at most for timeout, and returns the events since the last call. A
// window is also closed if another program has destroyed it, or if the display has ended.
func (w *Window) Wait(timeout time.Duration) Events {
	glfw.WaitEventsTimeout(timeout.Seconds())
	if lost() {
		return Events{Closed: true}
	}
	events := w.events
	events.Closed = w.window.ShouldClose()
	w.events = Events{}
	return events
}

// Size returns the size in pixels. It is 0 x 0 if the window is minimised or lost.
func (w *Window) Size() (width, height int) {
	width, height = w.window.GetFramebufferSize()
	if lost() {
		return 0, 0
	}
	return width, height
}

// Show shows a picture, pixel for pixel from the upper left corner. The rest of the window is
// white.
func (w *Window) Show(picture *image.RGBA) error {
	width, height := w.Size()
	if width == 0 || height == 0 {
		return nil
	}
	if err := w.screen.show(picture, width, height); err != nil {
		return fmt.Errorf("window: %w", err)
	}
	return nil
}

// Pixels returns what the window shows, as the GPU draws it.
func (w *Window) Pixels() (*image.RGBA, error) {
	picture, err := w.screen.pixels()
	if err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	return picture, nil
}

// Close closes the window.
func (w *Window) Close() {
	if w.screen != nil {
		w.screen.release()
	}
	if w.window != nil {
		w.window.Destroy()
	}
	glfw.Terminate()
}
