//go:build wgpu27

package host

/*
#include <stdlib.h>
#include "wgpu27.h"

static WGPUBuffer new_buffer(WGPUDevice device, _GoString_ label, size_t size, uint64_t usage, WGPUBool mapped) {
	WGPUBufferDescriptor descriptor = {
		.label = {_GoStringPtr(label), _GoStringLen(label)}, .size = size, .usage = usage, .mappedAtCreation = mapped,
	};
	return wgpuDeviceCreateBuffer(device, &descriptor);
}

// The status that the callback of a mapping leaves: 0 while the GPU works.
typedef struct { int status; } mapping;

static void on_mapped(int status, WGPUStringView message, void *data, void *more) { ((mapping *)data)->status = status; }

static mapping *request(WGPUBuffer buffer, uint64_t mode, size_t size) {
	mapping *m = calloc(1, sizeof *m);
	wgpuBufferMapAsync(buffer, mode, 0, size, (WGPUBufferMapCallbackInfo){.callback = on_mapped, .data = m});
	return m;
}
*/
import "C"

import "unsafe"

// Buffer is memory of the GPU.
type Buffer struct {
	device *Device
	buffer C.WGPUBuffer
	use    Use
	size   int    // bytes that are mapped, or will be
	mapped []byte // nil before the first Write or Read of a mapping
}

// WebGPU's numbers of usages.
const (
	mapRead, mapWrite, copySrc, copyDst, storage, queryResolve = 0x1, 0x2, 0x4, 0x8, 0x80, 0x200
)

var usages = [...]C.uint64_t{
	Storage:  storage | copySrc | copyDst,
	Upload:   mapWrite | copySrc,
	Download: mapRead | copyDst,
	Stamps:   queryResolve | copySrc,
}

// NewBuffer makes a buffer.
func (d *Device) NewBuffer(label string, size int, use Use) (*Buffer, error) {
	var mapped C.WGPUBool
	if use == Upload {
		mapped = 1
	}
	return made(d, &Buffer{
		device: d, buffer: C.new_buffer(d.device, label, C.size_t(size), usages[use], mapped), use: use, size: size,
	})
}

// Mapping is a request to map a buffer.
type Mapping struct {
	device *Device
	c      *C.mapping
}

// Map asks for the first bytes to be mapped.
func (b *Buffer) Map(size int) *Mapping {
	var mode C.uint64_t = C.WGPUMapMode_Read
	if b.use == Upload {
		mode = C.WGPUMapMode_Write
	}
	b.size = size
	return &Mapping{b.device, C.request(b.buffer, mode, C.size_t(size))}
}

// Done polls, and reports whether the request has ended.
func (m *Mapping) Done() bool {
	C.wgpuDevicePoll(m.device.device, 0, nil)
	return m.c.status != 0
}

// OK reports whether the buffer is mapped, and frees the request.
func (m *Mapping) OK() bool {
	ok := m.c.status == C.WGPUStatus_Success
	C.free(unsafe.Pointer(m.c))
	return ok
}

// Write copies data to the mapped bytes.
func (b *Buffer) Write(offset int, data []byte) { transfer(b.bytes()[offset:offset+len(data)], data) }

// Read copies the mapped bytes to data.
func (b *Buffer) Read(offset int, data []byte) { transfer(data, b.bytes()[offset:offset+len(data)]) }

// bytes returns the mapped bytes. They vanish only when the device is lost, and Fault says that.
func (b *Buffer) bytes() []byte {
	if b.mapped == nil {
		if p := C.wgpuBufferGetMappedRange(b.buffer, 0, C.size_t(b.size)); p != nil {
			b.mapped = unsafe.Slice((*byte)(p), b.size)
		} else {
			b.mapped = make([]byte, b.size)
		}
	}
	return b.mapped
}

// Unmap ends a mapping.
func (b *Buffer) Unmap() error {
	b.mapped = nil
	C.wgpuBufferUnmap(b.buffer)
	return b.device.Fault()
}

// Destroy frees the memory at once.
func (b *Buffer) Destroy() { C.wgpuBufferDestroy(b.buffer) }

// Release frees the buffer, once the GPU is done with it.
func (b *Buffer) Release() { C.wgpuBufferRelease(b.buffer) }
