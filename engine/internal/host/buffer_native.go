//go:build !js && !wgpu27

package host

import (
	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// Buffer is memory of the GPU.
type Buffer struct {
	device *wgpu.Device
	buffer *wgpu.Buffer
	use    Use
	size   int    // bytes that are mapped, or will be
	mapped []byte // nil before the first Write or Read of a mapping
}

var usages = [...]wgpu.BufferUsage{
	Storage:  wgpu.BufferUsage_Storage | wgpu.BufferUsage_CopySrc | wgpu.BufferUsage_CopyDst,
	Upload:   wgpu.BufferUsage_MapWrite | wgpu.BufferUsage_CopySrc,
	Download: wgpu.BufferUsage_MapRead | wgpu.BufferUsage_CopyDst,
	Stamps:   wgpu.BufferUsage_QueryResolve | wgpu.BufferUsage_CopySrc,
}

// NewBuffer makes a buffer.
func (d *Device) NewBuffer(label string, size int, use Use) (*Buffer, error) {
	buffer, err := d.device.CreateBuffer(&wgpu.BufferDescriptor{
		Label: label, Size: uint64(size), Usage: usages[use], MappedAtCreation: use == Upload,
	})
	if err := d.made(buffer, err); err != nil {
		return nil, err
	}
	return &Buffer{device: d.device, buffer: buffer, use: use, size: size}, nil
}

// Mapping is a request to map a buffer.
type Mapping struct {
	device *wgpu.Device
	native native.Mapping
}

// Map asks for the first bytes to be mapped.
func (b *Buffer) Map(size int) *Mapping {
	mode := wgpu.MapMode_Read
	if b.use == Upload {
		mode = wgpu.MapMode_Write
	}
	b.size = size
	return &Mapping{b.device, native.MapAsync(b.buffer, mode, size)}
}

// Done polls, and reports whether the request has ended.
func (m *Mapping) Done() bool {
	m.device.Poll(false, nil)
	done, _ := m.native.Done()
	return done
}

// OK reports whether the buffer is mapped, and frees the request.
func (m *Mapping) OK() bool {
	_, ok := m.native.Done()
	m.native.Free()
	return ok
}

// Write copies data to the mapped bytes.
func (b *Buffer) Write(offset int, data []byte) { transfer(b.bytes()[offset:offset+len(data)], data) }

// Read copies the mapped bytes to data.
func (b *Buffer) Read(offset int, data []byte) { transfer(data, b.bytes()[offset:offset+len(data)]) }

func (b *Buffer) bytes() []byte {
	if b.mapped == nil {
		b.mapped = b.buffer.GetMappedRange(0, uint(b.size))
	}
	return b.mapped
}

// Unmap ends a mapping.
func (b *Buffer) Unmap() error {
	b.mapped = nil
	return failed(b.buffer.Unmap())
}

// Destroy frees the memory at once.
func (b *Buffer) Destroy() { b.buffer.Destroy() }

// Release frees the buffer, once the GPU is done with it.
func (b *Buffer) Release() { b.buffer.Release() }
