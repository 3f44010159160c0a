//go:build wgpu27

package host

/*
#include <stdio.h>
#include "wgpu27.h"

static void log_message(int level, WGPUStringView message, void *data) {
	static char const *const names[] = {"Off", "Error", "Warn", "Info", "Debug", "Trace"};
	fprintf(stderr, "[wgpu] [%s] %.*s\n", names[level], (int)message.length, message.data);
}

static void set_log_level(int level) {
	wgpuSetLogCallback(log_message, NULL);
	wgpuSetLogLevel(level);
}

static WGPUInstance new_instance(uint64_t backend) {
	WGPUInstanceExtras extras = {.chain = {NULL, WGPUSType_InstanceExtras}, .backends = backend};
	WGPUInstanceDescriptor descriptor = {.next = &extras};
	return wgpuCreateInstance(&descriptor);
}
*/
import "C"

import (
	_ "github.com/oliverbestmann/webgpu/libs-linux" // links wgpu-native
)

// Instance holds the adapters of a backend.
type Instance struct {
	backend  C.uint64_t
	instance C.WGPUInstance // nil without adapters
	adapters []*Adapter
}

// Adapter is a GPU, or a driver that computes on the CPU.
type Adapter struct{ adapter C.WGPUAdapter }

// backends are the names of Enumerate.
var backends = map[string]C.uint64_t{
	"auto":   C.WGPUInstanceBackend_Vulkan | C.WGPUInstanceBackend_Metal | C.WGPUInstanceBackend_DX12,
	"vulkan": C.WGPUInstanceBackend_Vulkan,
	"metal":  C.WGPUInstanceBackend_Metal,
	"dx12":   C.WGPUInstanceBackend_DX12,
	"gl":     C.WGPUInstanceBackend_GL,
}

func newInstance(backend C.uint64_t) *Instance {
	i := &Instance{backend: backend, instance: C.new_instance(backend)}
	options := C.WGPUInstanceEnumerateAdapterOptions{backends: backend}
	found := make([]C.WGPUAdapter, C.wgpuInstanceEnumerateAdapters(i.instance, &options, nil))
	if len(found) > 0 {
		C.wgpuInstanceEnumerateAdapters(i.instance, &options, &found[0])
	}
	for _, a := range found {
		i.adapters = append(i.adapters, &Adapter{a})
	}
	return i
}

// setLogLevel sets which of wgpu's messages come to standard error.
func setLogLevel(level int) { C.set_log_level(C.int(level)) }

// Adapters returns the adapters.
func (i *Instance) Adapters() []*Adapter { return i.adapters }

// Release releases the adapters and the instance. It keeps an instance of OpenGL: its release
// ends the one EGL display of the process.
func (i *Instance) Release() {
	for _, a := range i.adapters {
		C.wgpuAdapterRelease(a.adapter)
	}
	if i.instance != nil && i.backend != C.WGPUInstanceBackend_GL {
		C.wgpuInstanceRelease(i.instance)
	}
}

var (
	backendNames = map[C.int]string{
		C.WGPUBackendType_D3D12: "D3D12", C.WGPUBackendType_Metal: "Metal", C.WGPUBackendType_Vulkan: "Vulkan",
		C.WGPUBackendType_OpenGL: "OpenGL", C.WGPUBackendType_OpenGLES: "OpenGLES",
	}
	typeNames = map[C.int]string{
		C.WGPUAdapterType_DiscreteGPU: "discrete GPU", C.WGPUAdapterType_IntegratedGPU: "integrated GPU", C.WGPUAdapterType_CPU: "CPU",
	}
)

// Info returns what the driver says about the adapter.
func (a *Adapter) Info() Info {
	var p C.WGPUAdapterInfo
	C.wgpuAdapterGetInfo(a.adapter, &p)
	defer C.wgpuAdapterInfoFreeMembers(p)
	text := func(s C.WGPUStringView) string { return C.GoStringN(s.data, C.int(s.length)) }
	l := a.limits()
	info := Info{
		Name: text(p.device), Backend: backendNames[p.backendType], Type: typeNames[p.adapterType], Driver: text(p.description),
		Vendor: uint32(p.vendorID), Device: uint32(p.deviceID),
		Limits: Limits{
			BufferSize:        uint64(l.maxBufferSize),
			BindingSize:       uint64(l.maxStorageBufferBindingSize),
			StorageBuffers:    int(l.maxStorageBuffersPerShaderStage),
			WorkgroupStorage:  int(l.maxComputeWorkgroupStorageSize),
			WorkgroupSize:     int(l.maxComputeInvocationsPerWorkgroup),
			WorkgroupsPerAxis: int(l.maxComputeWorkgroupsPerDimension),
		},
	}
	if info.Type == "" {
		info.Type = "unknown"
	}
	return info
}

func (a *Adapter) limits() (l C.WGPULimits) {
	C.wgpuAdapterGetLimits(a.adapter, &l)
	return l
}

// Open opens a device. It asks for the adapter's limits, lowered to those given.
func (a *Adapter) Open(l Limits) (*Device, error) {
	limits := a.limits()
	limits.maxBufferSize = C.uint64_t(l.BufferSize)
	limits.maxStorageBufferBindingSize = C.uint64_t(l.BindingSize)
	limits.maxStorageBuffersPerShaderStage = C.uint32_t(l.StorageBuffers)
	limits.maxComputeWorkgroupStorageSize = C.uint32_t(l.WorkgroupStorage)
	limits.maxComputeInvocationsPerWorkgroup = C.uint32_t(l.WorkgroupSize)
	limits.maxComputeWorkgroupsPerDimension = C.uint32_t(l.WorkgroupsPerAxis)
	features := []C.int{C.WGPUFeatureName_TimestampQuery, C.WGPUNativeFeature_TimestampQueryInsideEncoders}
	for _, f := range features {
		if C.wgpuAdapterHasFeature(a.adapter, f) == 0 {
			features = nil
			break
		}
	}
	return newDevice(a.adapter, &limits, features)
}
