package engine

import (
	"time"

	"wgpucnn/engine/internal/native"
)

// FailToMap maps a buffer that cannot be mapped: wgpu reports an error that no call returns.
func FailToMap(b *Buffer) { native.MapAsync(b.gpu, b.size) }

// SetHangTimeout sets hangTimeout and returns the value before.
func SetHangTimeout(d time.Duration) (before time.Duration) {
	before, hangTimeout = hangTimeout, d
	return before
}

// Drain waits for a submission after Wait has given up.
func (p *Pending) Drain() {
	for done := false; !done; done, _ = p.mapping.Done() {
		p.device.device.Poll(false, nil)
	}
}
