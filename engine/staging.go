package engine

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// The sizes of staging buffers in bytes. Larger data go through several, so that the host copies
// one while the GPU transfers another.
const (
	leastStaging = 64 << 10
	mostStaging  = 8 << 20
)

// staging is a buffer that the host maps. The bytes of a write or a read pass through it. A device
// keeps such buffers, because a new one costs more than a transfer: the driver allocates and clears
// its memory.
type staging struct {
	gpu     *wgpu.Buffer
	mode    wgpu.MapMode
	size    int
	mapping native.Mapping
	pending bool // the mapping was requested and not waited for
}

// newStaging makes a staging buffer for so many bytes or more. A buffer to write to is mapped at
// once.
func (d *Device) newStaging(mode wgpu.MapMode, bytes int) (*staging, error) {
	s := &staging{mode: mode, size: leastStaging}
	for s.size < bytes {
		s.size *= 2
	}
	usage := wgpu.BufferUsage_MapRead | wgpu.BufferUsage_CopyDst
	if mode == wgpu.MapMode_Write {
		usage = wgpu.BufferUsage_MapWrite | wgpu.BufferUsage_CopySrc
	}
	var err error
	s.gpu, err = d.device.CreateBuffer(&wgpu.BufferDescriptor{
		Label: "staging", Size: uint64(s.size), Usage: usage, MappedAtCreation: mode == wgpu.MapMode_Write,
	})
	return s, d.made(fmt.Sprintf("staging buffer of %d bytes", s.size), s.gpu, err)
}

// request asks for the first bytes to be mapped, once the GPU is done with what was submitted.
func (s *staging) request(bytes int) {
	s.mapping, s.pending = native.MapAsync(s.gpu, s.mode, bytes), true
}

// wait returns when a requested mapping is there. See Device.wait.
func (s *staging) wait(d *Device, since time.Time) error {
	if !s.pending {
		return nil
	}
	if err := d.wait(s.mapping, since); err != nil {
		return err
	}
	s.pending = false
	_, ok := s.mapping.Done()
	s.mapping.Free()
	if !ok {
		return d.lose()
	}
	return nil
}

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
