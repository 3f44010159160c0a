// Package host is the WebGPU that the engine runs on. It has three implementations of the same types:
// go-webgpu for native programs (the files *_native.go), wgpu-native 27 for those with the build tag wgpu27
// (the files *_wgpu27.go), and the browser's own WebGPU for GOOS=js (the files *_js.go). The build chooses
// one. The interfaces in this file are their contract.
//
// The engine checks what it passes: sizes, alignments, usages, limits, and that nothing is used after its
// release. After a device was lost, the engine calls nothing of it any more.
package host

import (
	"errors"
	"time"
)

var (
	// ErrBackend is wrapped by errors about a backend of an unknown name.
	ErrBackend = errors.New("unknown backend")
	// ErrLost is wrapped by errors that say that the device was lost.
	ErrLost = errors.New("the device is lost")
	// ErrMemory is wrapped by errors about something that the adapter has no memory for.
	ErrMemory = errors.New("out of memory")
)

// Info describes an adapter.
type Info struct {
	Name, Backend, Driver string
	Type                  string // "discrete GPU", "integrated GPU", "CPU" or "unknown"
	Vendor, Device        uint32 // numbers by PCI, or 0
	Limits                Limits
}

// Limits are the limits that the engine checks.
type Limits struct {
	BufferSize        uint64
	BindingSize       uint64
	StorageBuffers    int
	WorkgroupStorage  int
	WorkgroupSize     int
	WorkgroupsPerAxis int
}

// Use is what a buffer is for.
type Use int

// The uses of buffers. All can be copied from, or to, as their use needs it.
const (
	Storage  Use = iota // kernels bind it
	Upload              // the host writes it. It is mapped from the start
	Download            // the host reads it
	Stamps              // Encoder.Resolve writes it
)

// Binding is a storage buffer of a kernel.
type Binding struct {
	Number int
	Write  bool // the kernel writes it too
}

// Range is the memory of a binding.
type Range struct {
	Number       int // of the binding
	Buffer       *Buffer
	Offset, Size int // bytes
}

// The contract. Besides, each host has
//
//	func Enumerate(backend string) (*Instance, error)
//
// which finds the adapters of a backend; "" and "auto" mean the best one. It may find none.
// MaxStamps is the most stamps that Device.NewStamps takes.
type (
	instance interface {
		Adapters() []*Adapter
		Release() // also releases the adapters
	}
	adapter interface {
		Info() Info
		// Open opens a device with these limits, and with timestamps if the adapter has them.
		Open(Limits) (*Device, error)
	}
	device interface {
		HasTimestamps() bool
		NewBuffer(label string, size int, use Use) (*Buffer, error)
		NewPipeline(label, wgsl, entry string, bindings []Binding) (*Pipeline, error)
		NewGroup(label string, pipeline *Pipeline, ranges []Range) (*Group, error)
		NewStamps(count int) (*StampSet, error)
		NewEncoder() (*Encoder, error)
		Submit(commands ...*Commands)
		// Fault returns the first error that no call returned, and forgets it.
		Fault() error
		Release()
	}
	buffer interface {
		// Map asks for the first bytes of an Upload or Download buffer to be mapped, once the GPU is done
		// with what was submitted before.
		Map(size int) *Mapping
		Write(offset int, data []byte) // to mapped bytes
		Read(offset int, data []byte)  // of mapped bytes
		Unmap() error
		Destroy() // frees the memory at once. A requested mapping fails
		Release()
	}
	mapping interface {
		// Done reports whether the request has ended. It waits a millisecond at most.
		Done() bool
		// Wait waits for the end of the request, until so long after since. It reports whether the request
		// has ended.
		Wait(since time.Time, limit time.Duration) (done bool)
		// OK reports whether the bytes are mapped, and frees the request, which must have ended.
		OK() bool
	}
	encoder interface {
		BeginPass() *Pass
		Copy(dst *Buffer, to int, src *Buffer, from, size int) error
		Clear(b *Buffer, size int) error
		// Stamp records the time when everything recorded so far is done.
		Stamp(set *StampSet, i int) error
		// Resolve copies the first stamps to a buffer, 8 bytes each.
		Resolve(set *StampSet, count int, dst *Buffer) error
		Finish() (*Commands, error)
		Release()
	}
	pass interface {
		Dispatch(pipeline *Pipeline, group *Group, workgroups [3]uint32)
		End() error
		Release()
	}
	releaser interface{ Release() }
)

var (
	_ func(string) (*Instance, error) = Enumerate

	_ instance = (*Instance)(nil)
	_ adapter  = (*Adapter)(nil)
	_ device   = (*Device)(nil)
	_ buffer   = (*Buffer)(nil)
	_ mapping  = (*Mapping)(nil)
	_ encoder  = (*Encoder)(nil)
	_ pass     = (*Pass)(nil)

	_, _, _, _ releaser = (*Pipeline)(nil), (*Group)(nil), (*StampSet)(nil), (*Commands)(nil)
)
