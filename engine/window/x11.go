//go:build linux && !headless && !wgpu27

package window

/*
#cgo LDFLAGS: -lX11
#include <stdatomic.h>
#include <X11/Xlib.h>

// Xlib ends the process at an error, unless handlers are set. These handlers keep the program
// running without its window.

static atomic_int window_lost; // whether the window or the display has gone

static int window_error(Display *display, XErrorEvent *event) {
	if (event->error_code == BadWindow || event->error_code == BadDrawable) atomic_store(&window_lost, 1);
	return 0;
}

static int window_end(Display *display) { return 0; }
static void window_stay(Display *display, void *data) { atomic_store(&window_lost, 1); }

static void window_guard(Display *display) {
	atomic_store(&window_lost, 0);
	XSetErrorHandler(window_error);
	XSetIOErrorHandler(window_end);
	XSetIOErrorExitHandler(display, window_stay, NULL);
}

static int window_is_lost(void) { return atomic_load(&window_lost); }
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// backends are the APIs whose adapters may draw.
const backends = wgpu.InstanceBackend_Vulkan

// niceness is the priority of the thread that draws. Beside busy threads it still gets a tenth
// of a core.
const niceness = 10

// connect connects to the display. The function that it returns ends the connection. GLFW reports
// a missing display only on standard error.
func connect() (disconnect func(), err error) {
	display := C.XOpenDisplay(nil)
	if display != nil {
		return func() { C.XCloseDisplay(display) }, nil
	}
	if name := os.Getenv("DISPLAY"); name != "" {
		return nil, fmt.Errorf("window: no display answers at DISPLAY=%s", name)
	}
	return nil, errors.New("window: there is no display: DISPLAY is not set")
}

// lowerPriority lowers the priority of this thread, and of the threads that it starts.
func lowerPriority() { syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness) } // 0: this thread

// guardDisplay keeps the process running if the display ends.
func guardDisplay() { C.window_guard((*C.Display)(unsafe.Pointer(glfw.GetX11Display()))) }

// lost tells whether another program has destroyed the window, or the display has ended.
func lost() bool { return C.window_is_lost() != 0 }

// surface describes a window to wgpu.
func surface(w *glfw.Window) wgpu.SurfaceDescriptor {
	return wgpu.SurfaceDescriptor{XlibWindow: &wgpu.SurfaceDescriptorFromXlibWindow{
		Display: unsafe.Pointer(glfw.GetX11Display()), Window: uint32(w.GetX11Window()),
	}}
}
