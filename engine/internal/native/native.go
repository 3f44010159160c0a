//go:build !wgpu27

package native

/*
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// wgpu's own header declares these, but it lies within another module.
typedef void (*native_map_callback)(int status, void *userdata);
typedef void (*native_error_callback)(int type, char const *message, void *userdata);
extern void wgpuBufferMapAsync(void *buffer, uint32_t mode, size_t offset, size_t size, native_map_callback callback, void *userdata);
extern void wgpuDeviceSetUncapturedErrorCallback(void *device, native_error_callback callback, void *userdata);

// The word that the callback sets: 0 while the GPU works, then 1 + the status.
typedef struct { atomic_int word; } native_map;

static void native_mapped(int status, void *userdata) {
	atomic_store(&((native_map *)userdata)->word, 1 + status);
}

static native_map *native_map_async(void *buffer, uint32_t mode, size_t size) {
	native_map *map = calloc(1, sizeof *map);
	wgpuBufferMapAsync(buffer, mode, 0, size, native_mapped, map);
	return map;
}

static int native_map_word(native_map *map) { return atomic_load(&map->word); }

// The first error of a device that no call returned, for example out of memory.
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

// Returns the message, or NULL if there was no error, and clears the error. The caller frees
// the message.
static char *native_take_fault(native_fault *fault) {
	if (!atomic_load(&fault->set)) return NULL;
	char *message = strdup(fault->message);
	atomic_store(&fault->set, 0);
	return message;
}
*/
import "C"

import (
	"errors"
	"unsafe"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// Mapping is a request to map a buffer. Its status word and callback live in C.
// go-webgpu's own MapAsync gives C the address of a Go variable, and the garbage collector may
// reuse that memory before the callback runs.
type Mapping struct{ c *C.native_map }

// MapAsync asks for the first bytes of a buffer to be mapped.
func MapAsync(buffer *wgpu.Buffer, mode wgpu.MapMode, size int) Mapping {
	return Mapping{C.native_map_async(handle(buffer, 1), C.uint32_t(mode), C.size_t(size))}
}

// Done reports whether the GPU has finished with the buffer, and whether it is mapped.
func (m Mapping) Done() (done, ok bool) {
	word := C.native_map_word(m.c)
	return word != 0, word == 1
}

// Free frees the status word. Call it only after Done has reported true.
func (m Mapping) Free() { C.free(unsafe.Pointer(m.c)) }

// Fault holds the first error of a device that no call returned, until Take takes it. Without
// its callback wgpu aborts the process at such an error.
type Fault struct{ c *C.native_fault }

// Watch registers the callback of a device for such errors.
func Watch(device *wgpu.Device) Fault { return Fault{C.native_watch(handle(device, 0))} }

// Take returns the error, or nil if there was none, and clears it. An error belongs to the call
// that caused it; the device works on.
func (f Fault) Take() error {
	message := C.native_take_fault(f.c)
	if message == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(message))
	return errors.New("engine: " + OneLine(C.GoString(message)))
}

// Null reports whether the handle of a view is nil. A swap chain that is out of date has no
// next texture, and go-webgpu returns no error then.
func Null(view *wgpu.TextureView) bool { return handle(view, 0) == nil }

// handle returns the C handle at a word of a go-webgpu struct: word 0 of a Device or
// TextureView {ref}, word 1 of a Buffer {deviceRef, ref}.
func handle[T wgpu.Device | wgpu.Buffer | wgpu.TextureView](object *T, word int) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(object), word*int(unsafe.Sizeof(uintptr(0)))))
}
