// Package native goes past go-webgpu to wgpu itself, where go-webgpu is not safe: mapping
// a buffer, errors that no call returned, handles that may be nil.
package native

/*
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <time.h>
#endif
#ifdef __linux__
#include <dlfcn.h>
#endif

// Declared by wgpu's own header, which lies within another module.
typedef void (*native_map_callback)(int status, void *userdata);
typedef void (*native_error_callback)(int type, char const *message, void *userdata);
extern void wgpuBufferMapAsync(void *buffer, uint32_t mode, size_t offset, size_t size, native_map_callback callback, void *userdata);
extern void wgpuDeviceSetUncapturedErrorCallback(void *device, native_error_callback callback, void *userdata);

// A word that the callback sets: 0 while the GPU works, else 1 + the status.
typedef struct { atomic_int word; } native_map;

static void native_mapped(int status, void *userdata) {
	atomic_store(&((native_map *)userdata)->word, 1 + status);
}

static native_map *native_map_async(void *buffer, size_t size) {
	native_map *map = calloc(1, sizeof *map);
	wgpuBufferMapAsync(buffer, 1, 0, size, native_mapped, map); // 1: read
	return map;
}

static int native_map_word(native_map *map) { return atomic_load(&map->word); }

// The first error of a device that no call returned, such as out of memory.
typedef struct { atomic_int set; char message[1024]; } native_fault;

static void native_faulted(int type, char const *message, void *userdata) {
	native_fault *fault = userdata;
	if (atomic_load(&fault->set)) return;
	strncpy(fault->message, message ? message : "unknown error", sizeof fault->message - 1);
	atomic_store(&fault->set, 1);
}

static native_fault *native_watch(void *device) {
	native_fault *fault = calloc(1, sizeof *fault);
	wgpuDeviceSetUncapturedErrorCallback(device, native_faulted, fault);
	return fault;
}

// The message, for the caller to free, or NULL if there was no error. The next error counts
// as the first again.
static char *native_take_fault(native_fault *fault) {
	if (!atomic_load(&fault->set)) return NULL;
	char *message = strdup(fault->message);
	atomic_store(&fault->set, 0);
	return message;
}

// Whether OpenGL's library, if it is there, finds a driver.
static int native_opengl(void) {
#ifdef __linux__
	void *library = dlopen("libEGL.so.1", RTLD_NOW);
	void *(*display)(void *) = library ? (void *(*)(void *))dlsym(library, "eglGetDisplay") : NULL;
	if (display && !display(NULL)) return 0;
#endif
	return 1;
}

static void native_sleep(long nanoseconds) {
#ifdef _WIN32
	Sleep((nanoseconds + 999999) / 1000000);
#else
	struct timespec span = {0, nanoseconds};
	nanosleep(&span, NULL);
#endif
}
*/
import "C"

import (
	"errors"
	"strings"
	"time"
	"unsafe"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// Mapping is a buffer on its way to be mapped for reading. Its status word and
// callback live in C: go-webgpu's own MapAsync hands C the address of a Go
// variable, which the collector may have reused by the time of the callback.
type Mapping struct{ c *C.native_map }

// MapAsync asks for the whole of a buffer of size bytes to be mapped.
func MapAsync(buffer *wgpu.Buffer, size int) Mapping {
	return Mapping{C.native_map_async(handle(buffer, 1), C.size_t(size))}
}

// Done reports whether the GPU has finished with the buffer, and whether it is mapped.
func (m Mapping) Done() (done, ok bool) {
	word := C.native_map_word(m.c)
	return word != 0, word == 1
}

// Free frees the status word, once Done is.
func (m Mapping) Free() { C.free(unsafe.Pointer(m.c)) }

// Fault holds a device's first error that no call returned, until it is taken. Without it
// wgpu ends the process at such an error.
type Fault struct{ c *C.native_fault }

// Watch begins to look for such an error.
func Watch(device *wgpu.Device) Fault { return Fault{C.native_watch(handle(device, 0))} }

// Take returns the error, nil if there was none, and forgets it: an error belongs to the call
// that caused it, and the device works on.
func (f Fault) Take() error {
	message := C.native_take_fault(f.c)
	if message == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(message))
	return errors.New("engine: " + OneLine(C.GoString(message)))
}

// OneLine makes a line of a message that wgpu sets over many.
func OneLine(message string) string { return strings.Join(strings.Fields(message), " ") }

// Sleep sleeps for less than a second. Go's own sleep rounds up to a millisecond where
// the process is idle, on Linux, which is longer than many a submission.
func Sleep(d time.Duration) { C.native_sleep(C.long(d)) }

// OpenGL reports whether wgpu may look for OpenGL: it ends the process where EGL is
// installed without a driver.
func OpenGL() bool { return C.native_opengl() != 0 }

// Null reports whether a view that wgpu returned is none: a swap chain that is out of
// date has no next texture, and go-webgpu calls that no error.
func Null(view *wgpu.TextureView) bool { return handle(view, 0) == nil }

// handle returns the C handle that stands at a word of a go-webgpu struct: word 0 of a
// Device or TextureView {ref}, word 1 of a Buffer {deviceRef, ref}.
func handle[T wgpu.Device | wgpu.Buffer | wgpu.TextureView](object *T, word int) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(object), word*int(unsafe.Sizeof(uintptr(0)))))
}
