//go:build !js

package host

import (
	"runtime"
	"sync"
)

// copyShare is the least that is worth another goroutine, mostCopiers the most of them.
const (
	copyShare   = 1 << 20
	mostCopiers = 4
)

// transfer copies between the host's memory and a mapped buffer of the same size. One core is slower
// than PCIe, so several share a large copy.
func transfer(dst, src []byte) {
	copiers := min(runtime.GOMAXPROCS(0), mostCopiers, len(src)/copyShare)
	share := len(src)
	if copiers > 1 {
		share = (len(src) + copiers - 1) / copiers
	}
	var others sync.WaitGroup
	for from := share; from < len(src); from += share {
		to := min(from+share, len(src))
		others.Go(func() { copy(dst[from:to], src[from:to]) })
	}
	copy(dst[:share], src[:share])
	others.Wait()
}
