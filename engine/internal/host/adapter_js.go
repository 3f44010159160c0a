package host

import (
	"cmp"
	"fmt"
	"strings"
	"syscall/js"
)

// Instance holds the adapter that the browser chose.
type Instance struct{ adapters []*Adapter }

// Adapter is a GPU, or a driver that computes on the CPU.
type Adapter struct{ adapter js.Value }

// timestamps is the name of WebGPU's feature.
const timestamps = "timestamp-query"

// Enumerate asks for the browser's fastest adapter. A browser offers one, and none without WebGPU.
func Enumerate(backend string) (*Instance, error) {
	if backend != "" && backend != "auto" {
		return nil, fmt.Errorf("%w %q: want auto: a browser chooses its backend", ErrBackend, backend)
	}
	navigator := js.Global().Get("navigator")
	if !navigator.Truthy() || !navigator.Get("gpu").Truthy() {
		return &Instance{}, nil
	}
	request := navigator.Get("gpu").Call("requestAdapter", map[string]any{"powerPreference": "high-performance"})
	adapter, err := watch(request).wait()
	if err != nil || !adapter.Truthy() {
		return &Instance{}, err
	}
	return &Instance{[]*Adapter{{adapter}}}, nil
}

// Adapters returns the adapters.
func (i *Instance) Adapters() []*Adapter { return i.adapters }

// Release does nothing: the browser collects its garbage.
func (*Instance) Release() {}

// Info returns what the browser says about the adapter. Many browsers tell only its vendor and
// architecture.
func (a *Adapter) Info() Info {
	info, limits := a.adapter.Get("info"), a.adapter.Get("limits")
	text := func(name string) string {
		if v := info.Get(name); v.Type() == js.TypeString {
			return v.String()
		}
		return ""
	}
	limit := func(name string) int { return int(limits.Get(name).Float()) }
	kind := "unknown"
	if info.Get("isFallbackAdapter").Truthy() || a.adapter.Get("isFallbackAdapter").Truthy() { // in older browsers
		kind = "CPU"
	}
	return Info{
		Name:    cmp.Or(text("device"), strings.TrimSpace(text("vendor")+" "+text("architecture")), "adapter"),
		Backend: "WebGPU", Driver: text("description"), Type: kind,
		Limits: Limits{
			BufferSize:        uint64(limit("maxBufferSize")),
			BindingSize:       uint64(limit("maxStorageBufferBindingSize")),
			StorageBuffers:    limit("maxStorageBuffersPerShaderStage"),
			WorkgroupStorage:  limit("maxComputeWorkgroupStorageSize"),
			WorkgroupSize:     limit("maxComputeInvocationsPerWorkgroup"),
			WorkgroupsPerAxis: limit("maxComputeWorkgroupsPerDimension"),
		},
	}
}

// Open opens a device. Along each dimension, workgroups may be as large as the adapter takes them.
func (a *Adapter) Open(l Limits) (*Device, error) {
	limits := map[string]any{
		"maxBufferSize":                     l.BufferSize,
		"maxStorageBufferBindingSize":       l.BindingSize,
		"maxStorageBuffersPerShaderStage":   l.StorageBuffers,
		"maxComputeWorkgroupStorageSize":    l.WorkgroupStorage,
		"maxComputeInvocationsPerWorkgroup": l.WorkgroupSize,
		"maxComputeWorkgroupsPerDimension":  l.WorkgroupsPerAxis,
	}
	for _, name := range []string{"maxComputeWorkgroupSizeX", "maxComputeWorkgroupSizeY", "maxComputeWorkgroupSizeZ"} {
		limits[name] = a.adapter.Get("limits").Get(name)
	}
	features := []any{}
	if a.adapter.Get("features").Call("has", timestamps).Bool() {
		features = append(features, timestamps)
	}
	device, err := watch(a.adapter.Call("requestDevice", map[string]any{"requiredFeatures": features, "requiredLimits": limits})).wait()
	if err != nil {
		return nil, err
	}
	return newDevice(device), nil
}
