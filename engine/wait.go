package engine

import (
	"fmt"
	"time"

	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// patience is how long a submission may take before the GPU is held to hang.
// Submissions aim at a quarter of a second; a single step of a huge batch on a
// software adapter has been seen to take half a minute. Tests have less.
var patience = 10 * time.Minute

// Pending is a submission on its way.
type Pending struct {
	device  *Device
	staging *wgpu.Buffer
	mapping native.Mapping
	size    int
	reads   []read
	start   time.Time     // when the queue was given it
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

// Took returns how long the submission took by the host's clock, from the moment the
// queue was given it to the moment Wait saw its end; 0 before. Wait looks about every
// sixty-fourth of the time passed, so it may be longer than the GPU's own by that, and
// by 2 ms at most.
func (p *Pending) Took() time.Duration { return p.took }

// Wait returns when the GPU has finished the submission, with its reads filled. It
// returns an error wrapping ErrReleased if the device was released before, and one wrapping
// ErrHangs after ten minutes: the device is then lost to the process.
//
// It asks in a loop, without letting wgpu wait: wgpu's own wait gives up after
// five seconds, says that the work is done, and hands out whatever the memory
// holds. Asked without waiting it looks at the fence that the GPU signals.
func (p *Pending) Wait() error {
	if p.staging == nil {
		return nil
	}
	if err := p.device.check(); err != nil {
		return err
	}
	for !p.Done() {
		elapsed := time.Since(p.start)
		if elapsed > patience {
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
		return fmt.Errorf("engine: %s was lost: its driver was reset, or it was taken away; run again, with a smaller batch if it repeats", p.device.adapter.Name)
	}
	mapped := p.staging.GetMappedRange(0, uint(p.size))
	offset := 4
	for _, read := range p.reads {
		offset += copy(read.dst, mapped[offset:offset+read.src.Size])
	}
	return p.staging.Unmap()
}
