//go:build !js

package host

import (
	"time"

	"wgpucnn/engine/internal/native"
)

// Wait waits for the end of the request. It is the one place that waits for the GPU.
//
// It polls in a loop and never lets wgpu wait: the wait of wgpu-native 0.17 gives up after five seconds,
// reports that the work is done, and returns whatever the memory holds. A poll that does not wait looks at
// the fence that the GPU signals.
func (m *Mapping) Wait(since time.Time, limit time.Duration) (done bool) {
	for !m.Done() {
		elapsed := time.Since(since)
		if elapsed > limit {
			return false
		}
		native.Sleep(min(max(elapsed/64, 20*time.Microsecond), 2*time.Millisecond))
	}
	return true
}
