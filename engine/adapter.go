package engine

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

var (
	// ErrNoAdapter is wrapped by errors about an adapter that does not exist.
	ErrNoAdapter = errors.New("no such adapter")
	// ErrLimit is wrapped by errors about work that is too large for an adapter.
	ErrLimit = errors.New("beyond the adapter's limits")
	// ErrBackend is wrapped by errors about a backend of an unknown name.
	ErrBackend = errors.New("unknown backend")
)

// Options choose an adapter.
type Options struct {
	Adapter       string // a number in the order of Adapters, or part of a name; "" takes the best one
	Backend       string // "vulkan", "metal", "dx12", "gl"; "auto" and "" take the system's own, or gl if that has no adapter
	DefaultLimits bool   // take no more of the adapter than WebGPU's default limits
}

// Adapter describes a GPU, or a driver that computes on the CPU. Each backend that offers it
// lists it once.
type Adapter struct {
	Name    string      `json:"name"`
	Backend string      `json:"backend"` // "Vulkan", "Metal", "D3D12", "OpenGL"
	Type    AdapterType `json:"type"`
	Driver  string      `json:"driver"`           // name and version as the driver reports them; may be ""
	Vendor  uint32      `json:"vendor,omitempty"` // number of the maker, by PCI; 0 if the backend does not tell it
	Device  uint32      `json:"device,omitempty"` // number of the kind of card, by PCI; 0 if the backend does not tell it
	Limits  Limits      `json:"limits"`
}

// AdapterType is the kind of hardware that an adapter runs on.
type AdapterType string

// The types of adapters, named as in WebGPU.
const (
	DiscreteGPU   AdapterType = "discrete GPU"
	IntegratedGPU AdapterType = "integrated GPU"
	CPU           AdapterType = "CPU"
	UnknownType   AdapterType = "unknown"
)

// String returns the adapter as "NAME (BACKEND, DRIVER)".
func (a Adapter) String() string {
	if a.Driver == "" {
		return fmt.Sprintf("%s (%s)", a.Name, a.Backend)
	}
	return fmt.Sprintf("%s (%s, %s)", a.Name, a.Backend, a.Driver)
}

// Adapters returns the adapters of a backend (see Options). Their order gives their numbers,
// from 0.
func Adapters(backend string) ([]Adapter, error) {
	defer begin()()
	handles, err := enumerate(backend)
	if err != nil {
		return nil, err
	}
	defer handles.release()
	var adapters []Adapter
	for _, a := range handles.adapters {
		adapters = append(adapters, describe(a))
	}
	return adapters, nil
}

// adapterHandles are the adapters of an instance.
type adapterHandles struct {
	backend  wgpu.InstanceBackend
	instance *wgpu.Instance
	adapters []*wgpu.Adapter
}

// release releases the adapters and the instance. It keeps an instance of OpenGL: its release
// ends the one EGL display of the process, and releasing the next instance would abort.
func (h adapterHandles) release() {
	for _, a := range h.adapters {
		a.Release()
	}
	if h.backend != wgpu.InstanceBackend_GL {
		h.instance.Release()
	}
}

// enumerate finds the adapters of a backend. The caller releases them.
func enumerate(backend string) (adapterHandles, error) {
	if err := setLogLevel(); err != nil {
		return adapterHandles{}, err
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
		return adapterHandles{}, fmt.Errorf("engine: %w %q: want auto, vulkan, metal, dx12 or gl", ErrBackend, backend)
	}
	for _, b := range bits {
		if b == wgpu.InstanceBackend_GL && !native.OpenGL() {
			continue
		}
		instance := wgpu.CreateInstance(&wgpu.InstanceDescriptor{Backends: b})
		handles := adapterHandles{b, instance, instance.EnumerateAdapters(&wgpu.InstanceEnumerateAdapterOptons{Backends: b})}
		if len(handles.adapters) > 0 {
			return handles, nil
		}
		handles.release()
	}
	return adapterHandles{}, fmt.Errorf("engine: %w for backend %s%s", ErrNoAdapter, backendName(backend), driverHint(backend))
}

func backendName(backend string) string {
	if backend == "" {
		return "auto"
	}
	return backend
}

// driverHint returns what to do about a backend without adapters.
func driverHint(backend string) string {
	if name := backendName(backend); name != "auto" && name != "vulkan" {
		return ": choose another, or auto"
	}
	switch broken := BrokenDrivers(); {
	case broken != "":
		return ": " + broken
	case runtime.GOOS == "linux":
		return ": install a Vulkan driver (on Debian and Ubuntu: apt-get install libvulkan1 mesa-vulkan-drivers)"
	}
	return ": install the driver of the GPU's maker"
}

func describe(a *wgpu.Adapter) Adapter {
	p, l := a.GetProperties(), a.GetLimits().Limits
	adapter := Adapter{
		Name: p.Name, Backend: p.BackendType.String(), Type: UnknownType, Driver: p.DriverDescription,
		Vendor: p.VendorId, Device: p.DeviceId,
		Limits: Limits{
			BufferSize:        l.MaxBufferSize,
			BindingSize:       l.MaxStorageBufferBindingSize,
			StorageBuffers:    int(l.MaxStorageBuffersPerShaderStage),
			WorkgroupStorage:  int(l.MaxComputeWorkgroupStorageSize),
			WorkgroupSize:     int(l.MaxComputeInvocationsPerWorkgroup),
			WorkgroupsPerAxis: int(l.MaxComputeWorkgroupsPerDimension),
			Loops:             loopLimit(p.DriverDescription, p.Name),
		},
	}
	switch p.AdapterType {
	case wgpu.AdapterType_DiscreteGPU:
		adapter.Type = DiscreteGPU
	case wgpu.AdapterType_IntegratedGPU:
		adapter.Type = IntegratedGPU
	case wgpu.AdapterType_CPU:
		adapter.Type = CPU
	}
	return adapter
}

// Choose returns the index of the adapter that Open takes among those of Adapters. want is
// Options.Adapter: a number, or part of a name in any case. Among several matches, and for "", it
// is the best type, then the first.
func Choose(adapters []Adapter, want string) (int, error) {
	if n, err := strconv.Atoi(want); err == nil {
		if n < 0 || n >= len(adapters) {
			return 0, fmt.Errorf("engine: adapter %d: %w: want one of %s", n, ErrNoAdapter, list(adapters))
		}
		return n, nil
	}
	best := -1
	for i, a := range adapters {
		if strings.Contains(strings.ToLower(a.String()), strings.ToLower(want)) && (best < 0 || rank(a) < rank(adapters[best])) {
			best = i
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("engine: adapter %q: %w: want one of %s", want, ErrNoAdapter, list(adapters))
	}
	return best, nil
}

func rank(a Adapter) int {
	return slices.Index([]AdapterType{DiscreteGPU, IntegratedGPU, UnknownType, CPU}, a.Type)
}

// list returns the adapters with their numbers: "0 = llvmpipe (Vulkan), 1 = ...".
func list(adapters []Adapter) string {
	names := make([]string, len(adapters))
	for i, a := range adapters {
		names[i] = fmt.Sprintf("%d = %v", i, a)
	}
	return strings.Join(names, ", ")
}
