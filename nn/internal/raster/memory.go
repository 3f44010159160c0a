package raster

import "sync"

// maxMemory is the memory that all pictures take together while they are decoded, in bytes.
const maxMemory int64 = 1e9

var memory = newBudget(maxMemory)

// budget is memory that goroutines share.
type budget struct {
	sync.Mutex
	freed *sync.Cond
	left  int64
}

func newBudget(size int64) *budget {
	b := &budget{left: size}
	b.freed = sync.NewCond(b)
	return b
}

// take waits until size bytes are left, and takes them.
func (b *budget) take(size int64) {
	b.Lock()
	defer b.Unlock()
	for b.left < size {
		b.freed.Wait()
	}
	b.left -= size
}

// give returns size bytes that were taken.
func (b *budget) give(size int64) {
	b.Lock()
	defer b.Unlock()
	b.left += size
	b.freed.Broadcast()
}
