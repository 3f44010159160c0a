// Package native calls the system in ways that Go does not offer. It also calls wgpu itself where go-webgpu is
// not safe: to map a buffer, to catch errors that no call returned, and to see handles that may be nil.
package native

/*
#cgo windows LDFLAGS: -lwinmm
#ifdef _WIN32
#include <windows.h>
#else
#include <time.h>
#endif
#ifdef __linux__
#include <dlfcn.h>
#endif

// Returns 0 if EGL's library is installed but finds no driver, else 1.
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
	timeBeginPeriod(1); // without it, Sleep rounds up to 16 ms
	Sleep((nanoseconds + 999999) / 1000000);
	timeEndPeriod(1);
#else
	struct timespec span = {0, nanoseconds};
	nanosleep(&span, NULL);
#endif
}
*/
import "C"

import (
	"strings"
	"time"
)

// OneLine joins the lines of a message of wgpu.
func OneLine(message string) string { return strings.Join(strings.Fields(message), " ") }

// Sleep sleeps for less than a second. On Linux time.Sleep rounds up to a millisecond in an
// idle process, and many submissions are shorter than that. On Windows Sleep rounds up too.
func Sleep(d time.Duration) { C.native_sleep(C.long(d)) }

// OpenGL reports whether wgpu may look for OpenGL. It may not where EGL is installed without a
// driver: wgpu would abort the process.
func OpenGL() bool { return C.native_opengl() != 0 }
