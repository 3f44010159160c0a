package engine

import (
	"fmt"
	"time"

	"wgpucnn/engine/internal/host"
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
	gpu     *host.Buffer
	size    int
	mapping *host.Mapping // that was requested and not waited for, else nil
}

// newStaging makes a staging buffer for so many bytes or more. A buffer to write to is mapped at
// once.
func (d *Device) newStaging(use host.Use, bytes int) (*staging, error) {
	s := &staging{size: leastStaging}
	for s.size < bytes {
		s.size *= 2
	}
	var err error
	if s.gpu, err = d.host.NewBuffer("staging", s.size, use); err != nil {
		return nil, d.explain(fmt.Sprintf("staging buffer of %d bytes", s.size), err)
	}
	return s, nil
}

// request asks for the first bytes to be mapped, once the GPU is done with what was submitted.
func (s *staging) request(bytes int) { s.mapping = s.gpu.Map(bytes) }

// wait returns when a mapping that was requested at a time is there.
func (s *staging) wait(d *Device, since time.Time) error {
	if s.mapping == nil {
		return nil
	}
	if !s.mapping.Wait(since, hangTimeout) {
		return d.hang()
	}
	mapping := s.mapping
	s.mapping = nil
	if !mapping.OK() {
		return d.lose()
	}
	return nil
}
