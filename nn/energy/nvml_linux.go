package energy

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

// Functions of NVML (NVIDIA, NVML API Reference Guide). The library comes with NVIDIA's driver and
// is loaded when it is asked for, so that the program runs without it.
typedef int (*nvml_init)(void);
typedef int (*nvml_count)(unsigned *count);
typedef int (*nvml_handle)(unsigned index, void **device);
typedef int (*nvml_pci)(void *device, void *info);
typedef int (*nvml_mig)(void *device, unsigned *current, unsigned *pending);
typedef int (*nvml_energy)(void *device, unsigned long long *millijoules);
typedef int (*nvml_power)(void *device, unsigned *milliwatts);

static int call_init(void *f) { return ((nvml_init)f)(); }
static int call_count(void *f, unsigned *count) { return ((nvml_count)f)(count); }
static int call_handle(void *f, unsigned index, void **device) { return ((nvml_handle)f)(index, device); }
static int call_energy(void *f, void *device, unsigned long long *mj) { return ((nvml_energy)f)(device, mj); }
static int call_power(void *f, void *device, unsigned *mw) { return ((nvml_power)f)(device, mw); }

// Stores the device's PCI number in the upper 16 bits of id and the maker's in the lower.
static int call_pci(void *f, void *device, unsigned *id) {
	struct { // nvmlPciInfo_t
		char legacy[16];
		unsigned domain, bus, device, id, subsystem;
		char bus_id[32];
	} info = {{0}};
	int result = ((nvml_pci)f)(device, &info);
	*id = info.id;
	return result;
}

// Stores whether the card is cut into instances. Most cards cannot be.
static void call_mig(void *f, void *device, unsigned *on) {
	unsigned pending = 0;
	if (!f || ((nvml_mig)f)(device, on, &pending) != 0) *on = 0;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"wgpucnn/engine"
)

const nvmlLibrary = "libnvidia-ml.so.1"

// maxDevices bounds the devices that are asked for their numbers.
const maxDevices = 1024

// nvmlError is a code that a function of NVML returned.
func nvmlError(function string, code C.int) error {
	return fmt.Errorf("NVML: %s failed with code %d", function, int(code))
}

// nvml takes NVML's counter of the adapter's card, or its power if the card is too old for a
// counter (before Volta).
func (m *Meter) nvml(a engine.Adapter, library string) error {
	m.Name = "NVML"
	name := C.CString(library)
	defer C.free(unsafe.Pointer(name))
	handle := C.dlopen(name, C.RTLD_NOW|C.RTLD_LOCAL) // never closed: the meter calls it
	if handle == nil {
		return fmt.Errorf("NVML is not there: %s", C.GoString(C.dlerror()))
	}
	find := func(function string) unsafe.Pointer {
		name := C.CString(function)
		defer C.free(unsafe.Pointer(name))
		return C.dlsym(handle, name)
	}
	initialise, count, at, pci := find("nvmlInit_v2"), find("nvmlDeviceGetCount_v2"), find("nvmlDeviceGetHandleByIndex_v2"), find("nvmlDeviceGetPciInfo_v3")
	if initialise == nil || count == nil || at == nil || pci == nil {
		return errors.New("NVML is too old: want one of driver 418 or newer")
	}
	if code := C.call_init(initialise); code != 0 {
		return nvmlError("nvmlInit", code)
	}
	var devices C.unsigned
	if code := C.call_count(count, &devices); code != 0 {
		return nvmlError("nvmlDeviceGetCount", code)
	}
	var device unsafe.Pointer
	found := 0
	for i := range min(devices, maxDevices) {
		var one unsafe.Pointer
		var id C.unsigned
		if C.call_handle(at, i, &one) != 0 || C.call_pci(pci, one, &id) != 0 {
			continue // a card that this process may not use
		}
		if uint32(id) == a.Device<<16|a.Vendor {
			device, found = one, found+1
		}
	}
	if found == 0 {
		return fmt.Errorf("NVML has no card %s", numbers(a))
	}
	if found > 1 {
		return ambiguous(found, a)
	}
	var mig C.unsigned
	if C.call_mig(find("nvmlDeviceGetMigMode"), device, &mig); mig != 0 {
		return errors.New("the card is cut into instances (MIG), and NVML counts the whole card")
	}
	if energy := find("nvmlDeviceGetTotalEnergyConsumption"); energy != nil {
		read := func() (float64, error) {
			var mj C.ulonglong
			if code := C.call_energy(energy, device, &mj); code != 0 {
				return 0, nvmlError("nvmlDeviceGetTotalEnergyConsumption", code)
			}
			return float64(mj) / 1e3, nil
		}
		if _, err := read(); err == nil {
			m.counters = []counter{{joules: read}}
			return nil
		}
	}
	power := find("nvmlDeviceGetPowerUsage")
	if power == nil {
		return errors.New("NVML tells neither energy nor power")
	}
	m.watts = func() (float64, error) {
		var mw C.unsigned
		if code := C.call_power(power, device, &mw); code != 0 {
			return 0, nvmlError("nvmlDeviceGetPowerUsage", code)
		}
		return float64(mw) / 1e3, nil
	}
	return nil
}
