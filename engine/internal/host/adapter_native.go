//go:build !js

package host

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

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

// Enumerate finds the adapters of a backend: "vulkan", "metal", "dx12" or "gl". "auto" and "" mean the
// system's own, or gl if that has no adapter.
func Enumerate(backend string) (*Instance, error) {
	if err := setLogLevel(); err != nil {
		return nil, err
	}
	var bits []wgpu.InstanceBackend
	switch backend {
	case "", "auto":
		bits = []wgpu.InstanceBackend{wgpu.InstanceBackend_Primary, wgpu.InstanceBackend_GL}
	case "vulkan":
		bits = []wgpu.InstanceBackend{wgpu.InstanceBackend_Vulkan}
	case "metal":
		bits = []wgpu.InstanceBackend{wgpu.InstanceBackend_Metal}
	case "dx12":
		bits = []wgpu.InstanceBackend{wgpu.InstanceBackend_DX12}
	case "gl":
		bits = []wgpu.InstanceBackend{wgpu.InstanceBackend_GL}
	default:
		return nil, fmt.Errorf("%w %q: want auto, vulkan, metal, dx12 or gl", ErrBackend, backend)
	}
	for _, b := range bits {
		if b == wgpu.InstanceBackend_GL && !native.OpenGL() {
			continue
		}
		found := &Instance{backend: b, instance: wgpu.CreateInstance(&wgpu.InstanceDescriptor{Backends: b})}
		for _, a := range found.instance.EnumerateAdapters(&wgpu.InstanceEnumerateAdapterOptons{Backends: b}) {
			found.adapters = append(found.adapters, &Adapter{a})
		}
		if len(found.adapters) > 0 {
			return found, nil
		}
		found.Release()
	}
	return &Instance{}, nil
}

// logLevelName is the environment variable that turns on wgpu's messages on standard error.
const logLevelName = "WGPU_LOG_LEVEL"

// logLevels are the values of that variable, by wgpu's numbers.
var logLevels = []string{"off", "error", "warn", "info", "debug", "trace"}

// setLogLevel keeps wgpu's messages off standard error, unless the user asks for them.
func setLogLevel() error {
	want := strings.ToLower(cmp.Or(os.Getenv(logLevelName), "off"))
	level := slices.Index(logLevels, want)
	if level < 0 {
		return fmt.Errorf("%s=%s: want one of %s", logLevelName, want, strings.Join(logLevels, ", "))
	}
	wgpu.SetLogLevel(wgpu.LogLevel(level))
	return nil
}

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
