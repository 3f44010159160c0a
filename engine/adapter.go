package engine

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/engine/internal/host"
)

var (
	// ErrNoAdapter is wrapped by errors about an adapter that does not exist.
	ErrNoAdapter = errors.New("no such adapter")
	// ErrLimit is wrapped by errors about work that is too large for an adapter.
	ErrLimit = errors.New("beyond the adapter's limits")
	// ErrBackend is wrapped by errors about a backend of an unknown name.
	ErrBackend = host.ErrBackend
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
	Backend string      `json:"backend"` // "Vulkan", "Metal", "D3D12", "OpenGL", in a browser "WebGPU"
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
	found, err := enumerate(backend)
	if err != nil {
		return nil, err
	}
	defer found.Release()
	var adapters []Adapter
	for _, a := range found.Adapters() {
		adapters = append(adapters, describe(a))
	}
	return adapters, nil
}

// enumerate finds the adapters of a backend. The caller releases them.
func enumerate(backend string) (*host.Instance, error) {
	found, err := host.Enumerate(backend)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	if len(found.Adapters()) == 0 {
		found.Release()
		return nil, fmt.Errorf("engine: %w for backend %s%s", ErrNoAdapter, backendName(backend), driverHint(backend))
	}
	return found, nil
}

func backendName(backend string) string {
	if backend == "" {
		return "auto"
	}
	return backend
}

func describe(a *host.Adapter) Adapter {
	i := a.Info()
	return Adapter{
		Name: i.Name, Backend: i.Backend, Type: AdapterType(i.Type), Driver: i.Driver, Vendor: i.Vendor, Device: i.Device,
		Limits: Limits{
			BufferSize:        i.Limits.BufferSize,
			BindingSize:       i.Limits.BindingSize,
			StorageBuffers:    i.Limits.StorageBuffers,
			WorkgroupStorage:  i.Limits.WorkgroupStorage,
			WorkgroupSize:     i.Limits.WorkgroupSize,
			WorkgroupsPerAxis: i.Limits.WorkgroupsPerAxis,
			Loops:             loopLimit(i.Driver, i.Name),
		},
	}
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
