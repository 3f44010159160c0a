package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"wgpucnn/engine/internal/host"
)

// alignment is that of a view within its buffer, in bytes: WebGPU's default limit for the
// offset of a storage binding.
const alignment = 256

// Buffer is GPU memory. It begins as a declaration, a name and a size, so that
// plans can be made and read without a device; Device.Allocate gives it memory.
type Buffer struct {
	Name     string
	Contents []byte // that its memory begins with; zeros follow
	size     int
	device   *Device      // that gave it memory last, nil before
	gpu      *host.Buffer // nil before, and after its release
}

// whole rounds a size up to whole vec4s. An array<vec4<f32>> ends at the last whole vec4 of its
// binding, so memory and bindings have whole vec4s.
func whole(size int) int { return (size + 15) / 16 * 16 }

// View is a part of a buffer: what a kernel binds.
type View struct {
	Buffer *Buffer
	Offset int // bytes, a multiple of 256
	Size   int // bytes, a multiple of 4
}

// NewBuffer declares a buffer of size bytes. The size may be 0 if Reserve adds parts later.
func NewBuffer(name string, size int) *Buffer { return &Buffer{Name: name, size: size} }

// Reserve appends size bytes to a buffer that has no memory yet.
func (b *Buffer) Reserve(size int) View {
	if b.gpu != nil {
		panic("engine: " + b.Name + ": reserved after it was allocated")
	}
	offset := (b.size + alignment - 1) / alignment * alignment
	b.size = offset + size
	return View{b, offset, size}
}

// Size returns the size in bytes.
func (b *Buffer) Size() int { return b.size }

// All returns the whole buffer.
func (b *Buffer) All() View { return View{b, 0, b.size} }

// String returns the view as "params[256:+128]", or the bare name for all of it.
func (v View) String() string {
	if v == v.Buffer.All() {
		return v.Buffer.Name
	}
	return fmt.Sprintf("%s[%d:+%d]", v.Buffer.Name, v.Offset, v.Size)
}

// check returns an error unless the view lies within a buffer that has memory.
func (v View) check() error {
	if err := v.Buffer.check(); err != nil {
		return err
	}
	if v.Offset < 0 || v.Size < 4 || v.Size%4 != 0 || v.Offset%4 != 0 || v.Size > v.Buffer.size || v.Offset > v.Buffer.size-v.Size {
		return fmt.Errorf("engine: %s[%d:+%d]: want a multiple of 4 bytes within its %d", v.Buffer.Name, v.Offset, v.Size, v.Buffer.size)
	}
	return nil
}

// check returns an error unless the buffer has memory on a device that is still open.
func (b *Buffer) check() error {
	switch {
	case b == nil || b.device == nil:
		return errors.New("engine: a buffer has no memory yet: allocate it first")
	case b.gpu == nil:
		return fmt.Errorf("engine: buffer %s %w: release it later, or allocate it again", b.Name, ErrReleased)
	}
	return b.device.check()
}

// Allocate gives memory to the buffers that have none, also to released ones. If there is no
// memory for one of them, Allocate gives memory to none.
func (d *Device) Allocate(buffers ...*Buffer) error {
	_, err := d.allocate(buffers)
	return err
}

// allocate is Allocate. It also returns the buffers that it gave memory.
func (d *Device) allocate(buffers []*Buffer) (given []*Buffer, err error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	for _, b := range buffers {
		if b.gpu != nil {
			err = b.check()
		} else if err = d.give(b); err == nil {
			given = append(given, b)
		}
		if err != nil {
			Release(given...)
			return nil, err
		}
	}
	return given, nil
}

// give gives memory to a buffer that has none.
func (d *Device) give(b *Buffer) error {
	defer begin()()
	b.size = (b.size + 3) / 4 * 4
	limit := min(d.adapter.Limits.BufferSize, d.adapter.Limits.BindingSize)
	if b.size < 4 {
		return fmt.Errorf("engine: buffer %s: %d bytes: want 4 or more", b.Name, b.size)
	}
	if uint64(b.size) > limit {
		return fmt.Errorf("engine: buffer %s: %d bytes: %w: %s takes %d", b.Name, b.size, ErrLimit, d.adapter.Name, limit)
	}
	gpu, err := d.host.NewBuffer(b.Name, whole(b.size), host.Storage)
	if err != nil {
		return d.explain(fmt.Sprintf("buffer %s: %d bytes", b.Name, b.size), err)
	}
	b.device, b.gpu = d, gpu
	if err := d.write(b, b.Contents); err != nil {
		Release(b)
		return err
	}
	return nil
}

// write writes the first contents to a buffer, up to the end of their last word.
func (d *Device) write(b *Buffer, contents []byte) error {
	if len(contents) > b.size {
		return fmt.Errorf("engine: buffer %s: %d bytes of contents for %d", b.Name, len(contents), b.size)
	}
	whole := len(contents) / 4 * 4
	if whole > 0 {
		if err := d.Write(View{b, 0, whole}, contents[:whole]); err != nil {
			return err
		}
	}
	if whole == len(contents) {
		return nil
	}
	var word [4]byte
	copy(word[:], contents[whole:])
	return d.Write(View{b, whole, 4}, word[:])
}

// Reset gives buffers that have memory their first contents again.
func (d *Device) Reset(buffers ...*Buffer) error {
	for _, b := range buffers {
		contents := make([]byte, b.size)
		copy(contents, b.Contents)
		if err := d.write(b, contents); err != nil {
			return err
		}
	}
	return nil
}

// Release frees the memory of buffers. A buffer may be nil or have no memory.
func Release(buffers ...*Buffer) {
	for _, b := range buffers {
		if b != nil && b.gpu != nil {
			b.device.free(b.gpu)
			b.gpu = nil
		}
	}
}

// Bytes returns the memory of values. The GPU wants them in this form, because every host that
// wgpu runs on is little-endian.
func Bytes[T float32 | uint32](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 4*len(values))
}

// Read fills values with a view's contents once everything submitted is done.
func Read[T float32 | uint32](d *Device, v View, values []T) error {
	recorder := d.NewRecorder()
	recorder.Read(v, Bytes(values))
	pending, err := recorder.Submit()
	if err != nil {
		return err
	}
	return pending.Wait()
}

func init() {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		panic("engine: this machine is big-endian, which wgpu does not run on")
	}
}
