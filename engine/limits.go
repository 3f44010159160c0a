package engine

import (
	"regexp"
	"strconv"
	"strings"

	"wgpucnn/engine/internal/host"
)

// Limits are the limits of an adapter that compute shaders meet.
type Limits struct {
	BufferSize        uint64 `json:"buffer_size"`         // bytes of one buffer
	BindingSize       uint64 `json:"binding_size"`        // bytes of a buffer that one binding can reach
	StorageBuffers    int    `json:"storage_buffers"`     // storage bindings of a kernel
	WorkgroupStorage  int    `json:"workgroup_storage"`   // bytes of workgroup memory
	WorkgroupSize     int    `json:"workgroup_size"`      // invocations of a workgroup
	WorkgroupsPerAxis int    `json:"workgroups_per_axis"` // workgroups of a dispatch along one dimension
	Loops             int    `json:"loops,omitempty"`     // iterations of all loops of an invocation together; 0 means no limit
}

// DefaultLimits returns the limits that WebGPU gives a device that asks for none. Every adapter of
// a browser has them.
func DefaultLimits() Limits {
	return Limits{
		BufferSize: 256 << 20, BindingSize: 128 << 20, StorageBuffers: 8,
		WorkgroupStorage: 16 << 10, WorkgroupSize: 256, WorkgroupsPerAxis: 65535,
	}
}

// atMost returns the lesser of each limit and another's. Loops stay as they are.
func (l Limits) atMost(most Limits) Limits {
	return Limits{
		BufferSize:        min(l.BufferSize, most.BufferSize),
		BindingSize:       min(l.BindingSize, most.BindingSize),
		StorageBuffers:    min(l.StorageBuffers, most.StorageBuffers),
		WorkgroupStorage:  min(l.WorkgroupStorage, most.WorkgroupStorage),
		WorkgroupSize:     min(l.WorkgroupSize, most.WorkgroupSize),
		WorkgroupsPerAxis: min(l.WorkgroupsPerAxis, most.WorkgroupsPerAxis),
		Loops:             l.Loops,
	}
}

// host returns the limits as a host takes them.
func (l Limits) host() host.Limits {
	return host.Limits{
		BufferSize:        l.BufferSize,
		BindingSize:       l.BindingSize,
		StorageBuffers:    l.StorageBuffers,
		WorkgroupStorage:  l.WorkgroupStorage,
		WorkgroupSize:     l.WorkgroupSize,
		WorkgroupsPerAxis: l.WorkgroupsPerAxis,
	}
}

// mesa finds the major version in a driver's description, "Mesa 22.3.6 (LLVM 15.0.6)".
var mesa = regexp.MustCompile(`Mesa (\d+)`)

// loopLimit returns Limits.Loops. Mesa's software driver silently leaves the loops of a shader
// after 65,535 iterations in total (LP_MAX_TGSI_LOOP_ITERATIONS in its source). Measured: 22.3
// does so, 25.0 does not.
func loopLimit(driver, name string) int {
	if !strings.HasPrefix(name, "llvmpipe") {
		return 0
	}
	if m := mesa.FindStringSubmatch(driver); m != nil {
		if major, _ := strconv.Atoi(m[1]); major >= 25 {
			return 0
		}
	}
	return 65535
}
