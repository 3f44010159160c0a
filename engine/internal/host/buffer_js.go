package host

import (
	"syscall/js"
	"time"
)

// Buffer is memory of the GPU.
type Buffer struct {
	device *Device
	buffer js.Value
	use    Use
	size   int      // bytes that are mapped, or will be
	mapped js.Value // a Uint8Array; undefined before the first Write or Read of a mapping
}

// WebGPU's numbers of usages (GPUBufferUsage, GPUMapMode).
const (
	mapRead, mapWrite, copySrc, copyDst, storage, queryResolve = 0x1, 0x2, 0x4, 0x8, 0x80, 0x200

	modeRead, modeWrite = 1, 2
)

var usages = [...]int{
	Storage:  storage | copySrc | copyDst,
	Upload:   mapWrite | copySrc,
	Download: mapRead | copyDst,
	Stamps:   queryResolve | copySrc,
}

// NewBuffer makes a buffer.
func (d *Device) NewBuffer(label string, size int, use Use) (*Buffer, error) {
	b := &Buffer{device: d, use: use, size: size}
	err := d.scoped(func() {
		b.buffer = d.device.Call("createBuffer", map[string]any{
			"label": label, "size": size, "usage": usages[use], "mappedAtCreation": use == Upload,
		})
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Mapping is a request to map a buffer.
type Mapping struct{ *promise }

// Map asks for the first bytes to be mapped.
func (b *Buffer) Map(size int) *Mapping {
	mode := modeRead
	if b.use == Upload {
		mode = modeWrite
	}
	b.size = size
	return &Mapping{watch(b.buffer.Call("mapAsync", mode, 0, size))}
}

// Done reports whether the request has ended. It lets the browser run its callbacks, or a loop that asks
// again and again would never see the end.
func (m *Mapping) Done() bool {
	return m.Wait(time.Now(), time.Millisecond)
}

// Wait waits for the end of the request.
func (m *Mapping) Wait(since time.Time, limit time.Duration) (done bool) {
	timer := time.NewTimer(limit - time.Since(since))
	defer timer.Stop()
	select {
	case <-m.done:
		return true
	case <-timer.C:
		return false
	}
}

// OK reports whether the buffer is mapped.
func (m *Mapping) OK() bool { return m.err == nil }

// Write copies data to the mapped bytes.
func (b *Buffer) Write(offset int, data []byte) {
	b.touch(offset, len(data), func(part js.Value) { js.CopyBytesToJS(part, data) })
}

// Read copies the mapped bytes to data.
func (b *Buffer) Read(offset int, data []byte) {
	b.touch(offset, len(data), func(part js.Value) { js.CopyBytesToGo(data, part) })
}

// touch calls f with a part of the mapped bytes. They vanish only when the device is lost.
func (b *Buffer) touch(offset, size int, f func(part js.Value)) {
	err := try(func() {
		if b.mapped.IsUndefined() {
			b.mapped = js.Global().Get("Uint8Array").New(b.buffer.Call("getMappedRange", 0, b.size))
		}
		f(b.mapped.Call("subarray", offset, offset+size))
	})
	if err != nil && b.device.lost == nil {
		b.device.lose(err.Error())
	}
}

// Unmap ends a mapping.
func (b *Buffer) Unmap() error {
	b.mapped = js.Undefined()
	b.buffer.Call("unmap")
	return nil
}

// Destroy frees the memory at once.
func (b *Buffer) Destroy() { b.buffer.Call("destroy") }

// Release frees the buffer, once the GPU is done with it.
func (b *Buffer) Release() { b.buffer.Call("destroy") }
