package engine

import (
	"time"

	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// FailToMap maps a buffer that cannot be mapped: wgpu reports an error that no call returns.
func FailToMap(b *Buffer) { native.MapAsync(b.gpu, wgpu.MapMode_Read, b.size) }

// Staging returns the bytes of the staging buffers that the device keeps: to write through and to
// read through.
func (d *Device) Staging() (write, read int) {
	for _, s := range d.uploads.buffers {
		if s != nil {
			write += s.size
		}
	}
	for _, s := range d.kept {
		read += s.size
	}
	return write, read
}

// SetHangTimeout sets hangTimeout and returns the value before.
func SetHangTimeout(d time.Duration) (before time.Duration) {
	before, hangTimeout = hangTimeout, d
	return before
}

// Drain waits for a submission after Wait has given up.
func (p *Pending) Drain() {
	for _, l := range p.downloads {
		for !p.device.mapped(l.mapping) {
		}
	}
}
