package window

import (
	"image"
	"syscall/js"
	"time"
)

// Check returns no error: a page has room for a picture.
func Check() error { return nil }

// Window is a part of the page. The page provides the function wgpucnnShow, which gets each picture.
type Window struct {
	width, height int
	shown         *image.RGBA
}

// Open opens the part of the page. The page has a title and an adapter of its own.
func Open(_ string, width, height int, _ string) (*Window, error) {
	return &Window{width: width, height: height}, nil
}

// Wait waits. It returns no events: the page has buttons of its own.
func (*Window) Wait(d time.Duration) Events {
	time.Sleep(d)
	return Events{}
}

// Size returns the size with which the window was opened.
func (w *Window) Size() (width, height int) { return w.width, w.height }

// Show shows a picture.
func (w *Window) Show(picture *image.RGBA) error {
	w.shown = picture
	bytes := js.Global().Get("Uint8ClampedArray").New(len(picture.Pix))
	js.CopyBytesToJS(bytes, picture.Pix)
	js.Global().Call("wgpucnnShow", bytes, picture.Rect.Dx(), picture.Rect.Dy())
	return nil
}

// Pixels returns the last picture.
func (w *Window) Pixels() (*image.RGBA, error) { return w.shown, nil }

// Close does nothing: the page keeps the last picture.
func (*Window) Close() {}
