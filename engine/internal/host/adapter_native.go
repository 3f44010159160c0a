//go:build !js && !wgpu27

package host

import (
	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// Instance holds the adapters of a backend.
type Instance struct {
	backend  wgpu.InstanceBackend
	instance *wgpu.Instance // nil without adapters
	adapters []*Adapter
}

// Adapter is a GPU, or a driver that computes on the CPU.
type Adapter struct{ adapter *wgpu.Adapter }

// backends are the names of Enumerate.
var backends = map[string]wgpu.InstanceBackend{
	"auto":   wgpu.InstanceBackend_Primary,
	"vulkan": wgpu.InstanceBackend_Vulkan,
	"metal":  wgpu.InstanceBackend_Metal,
	"dx12":   wgpu.InstanceBackend_DX12,
	"gl":     wgpu.InstanceBackend_GL,
}

func newInstance(backend wgpu.InstanceBackend) *Instance {
	i := &Instance{backend: backend, instance: wgpu.CreateInstance(&wgpu.InstanceDescriptor{Backends: backend})}
	for _, a := range i.instance.EnumerateAdapters(&wgpu.InstanceEnumerateAdapterOptons{Backends: backend}) {
		i.adapters = append(i.adapters, &Adapter{a})
	}
	return i
}

// setLogLevel sets which of wgpu's messages come to standard error.
func setLogLevel(level int) { wgpu.SetLogLevel(wgpu.LogLevel(level)) }

// Adapters returns the adapters.
func (i *Instance) Adapters() []*Adapter { return i.adapters }

// Release releases the adapters and the instance. It keeps an instance of OpenGL: its release
// ends the one EGL display of the process, and releasing the next instance would abort.
func (i *Instance) Release() {
	for _, a := range i.adapters {
		a.adapter.Release()
	}
	if i.instance != nil && i.backend != wgpu.InstanceBackend_GL {
		i.instance.Release()
	}
}

// Info returns what the driver says about the adapter.
func (a *Adapter) Info() Info {
	p, l := a.adapter.GetProperties(), a.adapter.GetLimits().Limits
	info := Info{
		Name: p.Name, Backend: p.BackendType.String(), Type: "unknown", Driver: p.DriverDescription,
		Vendor: p.VendorId, Device: p.DeviceId,
		Limits: Limits{
			BufferSize:        l.MaxBufferSize,
			BindingSize:       l.MaxStorageBufferBindingSize,
			StorageBuffers:    int(l.MaxStorageBuffersPerShaderStage),
			WorkgroupStorage:  int(l.MaxComputeWorkgroupStorageSize),
			WorkgroupSize:     int(l.MaxComputeInvocationsPerWorkgroup),
			WorkgroupsPerAxis: int(l.MaxComputeWorkgroupsPerDimension),
		},
	}
	switch p.AdapterType {
	case wgpu.AdapterType_DiscreteGPU:
		info.Type = "discrete GPU"
	case wgpu.AdapterType_IntegratedGPU:
		info.Type = "integrated GPU"
	case wgpu.AdapterType_CPU:
		info.Type = "CPU"
	}
	return info
}

// Open opens a device. It asks for the adapter's limits, lowered to those given.
func (a *Adapter) Open(l Limits) (*Device, error) {
	limits := a.adapter.GetLimits().Limits
	limits.MaxBufferSize = l.BufferSize
	limits.MaxStorageBufferBindingSize = l.BindingSize
	limits.MaxStorageBuffersPerShaderStage = uint32(l.StorageBuffers)
	limits.MaxComputeWorkgroupStorageSize = uint32(l.WorkgroupStorage)
	limits.MaxComputeInvocationsPerWorkgroup = uint32(l.WorkgroupSize)
	limits.MaxComputeWorkgroupsPerDimension = uint32(l.WorkgroupsPerAxis)
	var features []wgpu.FeatureName
	if a.adapter.HasFeature(wgpu.FeatureName_TimestampQuery) {
		features = append(features, wgpu.FeatureName_TimestampQuery)
	}
	device, err := a.adapter.RequestDevice(&wgpu.DeviceDescriptor{
		RequiredFeatures: features, RequiredLimits: &wgpu.RequiredLimits{Limits: limits},
	})
	if err != nil {
		return nil, err
	}
	return &Device{device: device, queue: device.GetQueue(), fault: native.Watch(device)}, nil
}
