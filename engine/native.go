package engine

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

// Declared by wgpu's own header, which lies within another module.
typedef void (*engine_map_callback)(int status, void *userdata);
typedef void (*engine_error_callback)(int type, char const *message, void *userdata);
extern void wgpuBufferMapAsync(void *buffer, uint32_t mode, size_t offset, size_t size, engine_map_callback callback, void *userdata);
extern void wgpuDeviceSetUncapturedErrorCallback(void *device, engine_error_callback callback, void *userdata);

// A word that the callback sets: 0 while the GPU works, else 1 + the status.
typedef struct { atomic_int word; } engine_map;

static void engine_mapped(int status, void *userdata) {
	atomic_store(&((engine_map *)userdata)->word, 1 + status);
}

static engine_map *engine_map_async(void *buffer, size_t size) {
	engine_map *map = calloc(1, sizeof *map);
	wgpuBufferMapAsync(buffer, 1, 0, size, engine_mapped, map); // 1: read
	return map;
}

static int engine_map_word(engine_map *map) { return atomic_load(&map->word); }

// The first error of a device that no call returned, such as out of memory.
typedef struct { atomic_int set; char message[1024]; } engine_fault;

static void engine_faulted(int type, char const *message, void *userdata) {
	engine_fault *fault = userdata;
	if (atomic_load(&fault->set)) return;
	strncpy(fault->message, message ? message : "unknown error", sizeof fault->message - 1);
	atomic_store(&fault->set, 1);
}

static engine_fault *engine_watch(void *device) {
	engine_fault *fault = calloc(1, sizeof *fault);
	wgpuDeviceSetUncapturedErrorCallback(device, engine_faulted, fault);
	return fault;
}

static char const *engine_fault_message(engine_fault *fault) {
	return atomic_load(&fault->set) ? fault->message : NULL;
}

static void engine_sleep(long nanoseconds) {
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
	"fmt"
	"time"
	"unsafe"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// mapping is a buffer on its way to be mapped for reading. Its status word and
// callback live in C: go-webgpu's own MapAsync hands C the address of a Go
// variable, which the collector may have reused by the time of the callback.
type mapping struct{ c *C.engine_map }

// mapAsync asks for the whole of buffer to be mapped.
func mapAsync(buffer *wgpu.Buffer, size int) mapping {
	return mapping{C.engine_map_async(handle(buffer, 1), C.size_t(size))}
}

// done reports whether the GPU has finished with the buffer, and whether it is mapped.
func (m mapping) done() (done, ok bool) {
	word := C.engine_map_word(m.c)
	return word != 0, word == 1
}

func (m mapping) free() { C.free(unsafe.Pointer(m.c)) }

// fault holds a device's first error that no call returned. Without it wgpu
// ends the process at such an error.
type fault struct{ c *C.engine_fault }

func watch(device *wgpu.Device) fault { return fault{C.engine_watch(handle(device, 0))} }

func (f fault) err() error {
	message := C.engine_fault_message(f.c)
	if message == nil {
		return nil
	}
	return fmt.Errorf("engine: %s", oneLine(C.GoString(message)))
}

// sleep sleeps for less than a second. Go's own sleep rounds up to a millisecond where
// the process is idle, on Linux, which is longer than many a submission.
func sleep(d time.Duration) { C.engine_sleep(C.long(d)) }

// handle returns the C handle that stands at a word of a go-webgpu struct:
// word 0 of a Device {ref}, word 1 of a Buffer {deviceRef, ref}.
func handle[T wgpu.Device | wgpu.Buffer](object *T, word int) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(object), word*int(unsafe.Sizeof(uintptr(0)))))
}
