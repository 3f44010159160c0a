package engine

import (
	"fmt"
	"time"

	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// hangTimeout is the longest time a submission may take: after it the GPU counts as hanging.
// Submissions aim at a quarter of a second. One step of a huge batch on a software adapter took
// half a minute. Tests set less.
var hangTimeout = 10 * time.Minute

// Pending is a submission that the GPU works on.
type Pending struct {
	device  *Device
	staging *wgpu.Buffer
	mapping native.Mapping
	size    int
	reads   []readback
	start   time.Time     // when the queue got the submission
	took    time.Duration // see Took
}

// Done reports, without waiting, whether Wait would return at once.
func (p *Pending) Done() bool {
	if p.staging == nil || p.device.released {
		return true
	}
	p.device.device.Poll(false, nil)
	done, _ := p.mapping.Done()
	return done
}

// Took returns how long the submission took by the host's clock, from the moment the queue got
// it to the moment Wait saw its end. It returns 0 before that. Wait polls after each
// sixty-fourth of the elapsed time, 2 ms at most, so Took may exceed the GPU's own time by
// that.
func (p *Pending) Took() time.Duration { return p.took }

// Wait returns when the GPU has finished the submission, and fills its reads. It returns an
// error that wraps ErrReleased if the device was released before. After ten minutes it returns
// an error that wraps ErrHangs, and the process cannot use the device any more.
//
// Wait polls in a loop and never lets wgpu wait: wgpu's own wait gives up after five seconds,
// reports that the work is done, and returns whatever the memory holds. A poll that does not
// wait looks at the fence that the GPU signals.
func (p *Pending) Wait() error {
	if p.staging == nil {
		return nil
	}
	if err := p.device.check(); err != nil {
		return err
	}
	for !p.Done() {
		elapsed := time.Since(p.start)
		if elapsed > hangTimeout {
			p.device.hangs = true
			return p.device.check()
		}
		native.Sleep(min(max(elapsed/64, 20*time.Microsecond), 2*time.Millisecond))
	}
	p.took = time.Since(p.start)
	defer func() {
		p.staging.Release()
		p.staging = nil
		p.mapping.Free()
	}()
	if err := p.device.fault.Take(); err != nil {
		return err
	}
	if _, ok := p.mapping.Done(); !ok {
		return fmt.Errorf("engine: %s was lost: its driver was reset, or the adapter was removed: run again, with a smaller batch if this repeats", p.device.adapter.Name)
	}
	mapped := p.staging.GetMappedRange(0, uint(p.size))
	offset := 4
	for _, read := range p.reads {
		offset += copy(read.dst, mapped[offset:offset+read.src.Size])
	}
	return p.staging.Unmap()
}
