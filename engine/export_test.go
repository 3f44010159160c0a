package engine

import (
	"time"

	"wgpucnn/engine/internal/native"
)

// FailToMap makes wgpu report an error that no call returns: the buffer cannot be mapped.
func FailToMap(b *Buffer) { native.MapAsync(b.gpu, b.size) }

// SetPatience sets how long a submission may take, and returns what it was.
func SetPatience(d time.Duration) (before time.Duration) {
	before, patience = patience, d
	return before
}

// Drain waits for a submission that Wait gave up.
func (p *Pending) Drain() {
	for done := false; !done; done, _ = p.mapping.Done() {
		p.device.device.Poll(false, nil)
	}
}
