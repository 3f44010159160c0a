// A stand-in for NVML. Macros decide what it has.
#include <string.h>

#ifndef DEVICES
#define DEVICES 1
#endif
#ifndef INIT
#define INIT 0
#endif
#ifndef MIG
#define MIG 0
#endif
#ifndef ENERGY
#define ENERGY 0
#endif

static int calls;

int nvmlInit_v2(void) { return INIT; }
int nvmlDeviceGetCount_v2(unsigned *count) { return *count = DEVICES, 0; }
#ifndef OLD
// Device 0 is another card, and device 1 must not be used.
int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **device) { return *device = (void *)(long)(i + 100), i == 1 ? 4 : 0; }
#endif

struct info {
	char legacy[16];
	unsigned domain, bus, device, id, subsystem;
	char bus_id[32];
};

int nvmlDeviceGetPciInfo_v3(void *device, struct info *info) {
	memset(info, 0xff, sizeof *info);
	info->id = device == (void *)100 ? 0x1db610de : 0x233010de;
	return 0;
}

int nvmlDeviceGetMigMode(void *device, unsigned *current, unsigned *pending) { return *current = MIG, *pending = 0, 0; }
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *mj) { return *mj = 7000000000000ULL + 250000ULL * calls++, ENERGY; }
int nvmlDeviceGetPowerUsage(void *device, unsigned *mw) { return *mw = 350500, 0; }
