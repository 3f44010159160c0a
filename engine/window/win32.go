//go:build windows && !headless && !wgpu27

package window

/*
#include <windows.h>

static void window_lower_priority(void) { SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_LOWEST); }
*/
import "C"

import (
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// backends are the APIs whose adapters may draw.
const backends = wgpu.InstanceBackend_Vulkan | wgpu.InstanceBackend_DX12

// connect does nothing: Windows always has a display.
func connect() (disconnect func(), err error) { return func() {}, nil }

// lowerPriority lowers the priority of this thread.
func lowerPriority() { C.window_lower_priority() }

// guardDisplay does nothing: Windows ends no process for its window.
func guardDisplay() {}

// lost returns false: no other program can destroy the window.
func lost() bool { return false }

// surface describes a window to wgpu.
func surface(w *glfw.Window) wgpu.SurfaceDescriptor {
	return wgpu.SurfaceDescriptor{WindowsHWND: &wgpu.SurfaceDescriptorFromWindowsHWND{
		Hinstance: unsafe.Pointer(C.GetModuleHandleW(nil)), Hwnd: unsafe.Pointer(w.GetWin32Window()),
	}}
}
