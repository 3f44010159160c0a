package raster

import (
	"sync"
	"sync/atomic"
	"testing"
)

// Goroutines that share a budget never take more than it together.
func TestBudget(t *testing.T) {
	const size = 10
	b := newBudget(size)
	var used, most atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			share := int64(i%size + 1)
			b.take(share)
			most.Store(max(most.Load(), used.Add(share)))
			used.Add(-share)
			b.give(share)
		})
	}
	all.Wait()
	if most.Load() > size || b.left != size {
		t.Errorf("up to %d of %d were taken at a time, and %d are left", most.Load(), size, b.left)
	}
}
