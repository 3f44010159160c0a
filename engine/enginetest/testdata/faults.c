// A Vulkan driver that passes each call on to another driver, and lets one call fail. The test compiles it
// with cc -shared -fPIC.
//
//	FAULT_DRIVER  the path of the other driver
//	FAULT_CALL    the name of the function that fails, such as vkQueueSubmit
//	FAULT_AT      the number of its call that fails, from 1
//	FAULT_RESULT  the VkResult that it returns; after -4, a lost device, waiting and submitting fail too
//	FAULT_HANGS   if set, nothing that was submitted is ever done after the fault, and nothing fails
//	FAULT_MARK    a file that is made at the fault; if it is there, nothing fails
//	FAULT_COUNTS  a file that gets the number of calls of each function at the end of the process
//
// Every wrapped function takes at most six integers or pointers and returns a VkResult.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(F) \
	F(vkQueueSubmit) F(vkWaitSemaphores) F(vkWaitSemaphoresKHR) F(vkGetSemaphoreCounterValue) \
	F(vkGetSemaphoreCounterValueKHR) F(vkWaitForFences) F(vkGetFenceStatus) F(vkDeviceWaitIdle) F(vkQueueWaitIdle) \
	F(vkCreateInstance) F(vkEnumeratePhysicalDevices) F(vkCreateDevice) F(vkCreateBuffer) F(vkAllocateMemory) \
	F(vkBindBufferMemory) F(vkMapMemory) F(vkFlushMappedMemoryRanges) F(vkInvalidateMappedMemoryRanges) \
	F(vkCreateShaderModule) F(vkCreateDescriptorSetLayout) F(vkCreatePipelineLayout) F(vkCreateComputePipelines) \
	F(vkCreateDescriptorPool) F(vkAllocateDescriptorSets) F(vkCreateCommandPool) F(vkResetCommandPool) \
	F(vkAllocateCommandBuffers) F(vkBeginCommandBuffer) F(vkEndCommandBuffer) F(vkCreateSemaphore) F(vkCreateFence)

#define NUMBER(name) number_##name,
enum { FUNCTIONS(NUMBER) functions };
#define NAME(name) #name,
static char const *names[] = {FUNCTIONS(NAME)};

typedef intptr_t argument;
typedef int (*function)(argument, argument, argument, argument, argument, argument);
typedef function (*lookup)(void *, char const *);

static function others[functions]; // the other driver's
static lookup other, other_device, other_physical;
static atomic_int counts[functions], faulty;
static char const *call, *mark;
static int at, result, hangs;

// The functions up to this one wait for the device, or submit work to it.
static int waits(int i) { return i <= number_vkQueueWaitIdle; }

static int fails(int i) {
	int n = 1 + atomic_fetch_add(&counts[i], 1);
	if (call && !strcmp(names[i], call) && n == at) {
		int file = mark ? open(mark, O_CREAT | O_EXCL, 0666) : 0;
		if (file >= 0) {
			atomic_store(&faulty, 1);
			return !hangs;
		}
	}
	return atomic_load(&faulty) && !hangs && result == -4 && waits(i);
}

static int run(int i, argument a, argument b, argument c, argument d, argument e, argument f) {
	if (fails(i)) return result;
	if (atomic_load(&faulty) && hangs) switch (i) {
	case number_vkQueueSubmit: return 0;
	case number_vkGetSemaphoreCounterValue: case number_vkGetSemaphoreCounterValueKHR: *(uint64_t *)c = 0; return 0;
	case number_vkGetFenceStatus: return 1; // VK_NOT_READY
	case number_vkWaitSemaphores: case number_vkWaitSemaphoresKHR: case number_vkWaitForFences: return 2; // VK_TIMEOUT
	}
	return others[i](a, b, c, d, e, f);
}

#define WRAP(name) static int wrap_##name(argument a, argument b, argument c, argument d, argument e, argument f) { return run(number_##name, a, b, c, d, e, f); }
FUNCTIONS(WRAP)
#define ADDRESS(name) wrap_##name,
static function wraps[] = {FUNCTIONS(ADDRESS)};

// Returns the wrap of a function of the other driver, or the function itself.
static function wrap(char const *name, function f) {
	for (int i = 0; f && i < functions; i++) {
		if (strcmp(name, names[i])) continue;
		others[i] = f;
		return wraps[i];
	}
	return f;
}

static void report(void) {
	FILE *file = getenv("FAULT_COUNTS") ? fopen(getenv("FAULT_COUNTS"), "w") : NULL;
	for (int i = 0; file && i < functions; i++) if (counts[i]) fprintf(file, "%s %d\n", names[i], counts[i]);
	if (file) fclose(file);
}

__attribute__((constructor)) static void begin(void) {
	void *driver = getenv("FAULT_DRIVER") ? dlopen(getenv("FAULT_DRIVER"), RTLD_NOW | RTLD_LOCAL) : NULL;
	if (!driver) {
		fprintf(stderr, "faults.c: FAULT_DRIVER: %s\n", dlerror());
		abort();
	}
	other = (lookup)dlsym(driver, "vk_icdGetInstanceProcAddr");
	other_physical = (lookup)dlsym(driver, "vk_icdGetPhysicalDeviceProcAddr");
	int (*negotiate)(uint32_t *) = (int (*)(uint32_t *))dlsym(driver, "vk_icdNegotiateLoaderICDInterfaceVersion");
	uint32_t version = 5;
	if (negotiate) negotiate(&version);
	call = getenv("FAULT_CALL"), mark = getenv("FAULT_MARK"), hangs = getenv("FAULT_HANGS") != NULL;
	at = atoi(getenv("FAULT_AT") ? getenv("FAULT_AT") : "0"), result = atoi(getenv("FAULT_RESULT") ? getenv("FAULT_RESULT") : "0");
	atexit(report);
}

static function device_function(void *device, char const *name) { return wrap(name, other_device(device, name)); }

function vk_icdGetInstanceProcAddr(void *instance, char const *name) {
	function f = other(instance, name);
	if (!strcmp(name, "vkGetDeviceProcAddr") && f) {
		other_device = (lookup)f;
		return (function)device_function;
	}
	return wrap(name, f);
}

function vk_icdGetPhysicalDeviceProcAddr(void *instance, char const *name) { return other_physical ? other_physical(instance, name) : NULL; }

int vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
	if (*version > 5) *version = 5;
	return 0;
}
