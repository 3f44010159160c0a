package native

/*
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <dlfcn.h>
#endif

// Functions of a driver (Khronos, Driver interface to the Vulkan Loader).
typedef void *(*native_lookup)(void *instance, char const *name);
typedef int (*native_negotiate)(uint32_t *version);
typedef int (*native_create)(void const *info, void const *allocator, void **instance);
typedef void (*native_destroy)(void *instance, void const *allocator);

// Returns why a library is no Vulkan driver or does not start, or NULL. The caller frees it.
// A driver for another kind of processor, or one without a device, is no fault: the loader
// ignores it.
static char *native_driver(char const *path) {
#ifdef __linux__
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL); // never closed: some drivers crash when they are unloaded
	if (!library) {
		char const *why = dlerror();
		return strstr(why, "wrong ELF class") ? NULL : strdup(why);
	}
	native_negotiate negotiate = (native_negotiate)dlsym(library, "vk_icdNegotiateLoaderICDInterfaceVersion");
	native_lookup find = (native_lookup)dlsym(library, "vk_icdGetInstanceProcAddr");
	if (!find) find = (native_lookup)dlsym(library, "vkGetInstanceProcAddr");
	if (!find) return strdup("no Vulkan driver");
	uint32_t version = 5; // of the interface between loader and driver
	if (negotiate) negotiate(&version);
	struct { // VkInstanceCreateInfo
		int type;
		void const *next;
		uint32_t flags;
		void const *application;
		uint32_t layers;
		void const *layer_names;
		uint32_t extensions;
		void const *extension_names;
	} info = {1};
	native_create create = (native_create)find(NULL, "vkCreateInstance");
	void *instance = NULL;
	int result = create ? create(&info, NULL, &instance) : -3; // VK_ERROR_INITIALIZATION_FAILED
	if (result == 0) {
		native_destroy destroy = (native_destroy)find(instance, "vkDestroyInstance");
		if (destroy) destroy(instance, NULL);
	} else if (result != -9) { // VK_ERROR_INCOMPATIBLE_DRIVER
		char why[64];
		snprintf(why, sizeof why, "vkCreateInstance fails with VkResult %d", result);
		return strdup(why);
	}
#endif
	return NULL;
}
*/
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// Driver returns an error if a library is no Vulkan driver, or if the driver does not start. It
// returns nil for a library of another kind of processor, and always outside Linux.
func Driver(library string) error {
	path := C.CString(library)
	defer C.free(unsafe.Pointer(path))
	message := C.native_driver(path)
	if message == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(message))
	return fmt.Errorf("%s: %s", library, strings.TrimPrefix(C.GoString(message), library+": "))
}
