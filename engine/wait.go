package engine

import (
	"cmp"
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
	device    *Device
	downloads []download    // in the order of their submissions; none after Wait
	start     time.Time     // when the queue got the submission
	took      time.Duration // see Took
}

// submit submits an encoder's commands and the copies of the downloads.
func (p *Pending) submit(encoder *wgpu.CommandEncoder) error {
	var commands []*wgpu.CommandBuffer
	defer func() {
		for _, c := range commands {
			p.device.free(c)
		}
	}()
	for i, l := range p.downloads {
		if i > 0 {
			var err error
			if encoder, err = p.device.device.CreateCommandEncoder(nil); err != nil {
				return p.device.explain("copies to the host", err)
			}
			defer p.device.free(encoder)
		}
		recorded, err := l.record(encoder)
		if err != nil {
			return p.device.explain("copies to the host", err)
		}
		commands = append(commands, recorded)
	}
	p.start = time.Now()
	for i, l := range p.downloads {
		if err := p.device.submit(commands[i]); err != nil {
			return err // of the first, which takes the writes along
		}
		l.request(l.bytes)
	}
	return nil
}

// Done reports, without waiting, whether Wait would return at once.
func (p *Pending) Done() bool {
	if len(p.downloads) == 0 || p.device.check() != nil {
		return true
	}
	return p.device.mapped(p.downloads[len(p.downloads)-1].mapping)
}

// Took returns how long the submission took by the host's clock, from the moment the queue got
// it to the moment Wait saw its end. It returns 0 before that. Wait polls after each
// sixty-fourth of the elapsed time, 2 ms at most, so Took may exceed the GPU's own time by
// that.
func (p *Pending) Took() time.Duration { return p.took }

// Wait returns when the GPU has finished the submission, and fills its reads. It returns an
// error that wraps ErrReleased if the device was released before. After ten minutes it returns
// an error that wraps ErrHangs, and the process cannot use the device any more.
func (p *Pending) Wait() error {
	defer begin()()
	if len(p.downloads) == 0 {
		return nil
	}
	if err := p.device.check(); err != nil {
		return err
	}
	var first error
	for _, l := range p.downloads {
		err := l.wait(p.device, p.start)
		if p.device.dead != nil {
			return err
		}
		p.took = time.Since(p.start)
		if err == nil {
			err = p.device.fault.Take()
		}
		if err == nil {
			err = l.collect()
		}
		if err == nil {
			p.device.keepDownload(l.staging)
		} else {
			first = cmp.Or(first, p.device.explain("a submission", err))
			p.device.free(l.gpu)
		}
	}
	p.downloads = nil
	return first
}

// wait returns when the GPU has reached a mapping that was requested at a time. It is the one place
// that waits for the GPU.
//
// It polls in a loop and never lets wgpu wait: wgpu's own wait gives up after five seconds, reports
// that the work is done, and returns whatever the memory holds. A poll that does not wait looks at
// the fence that the GPU signals.
func (d *Device) wait(m native.Mapping, since time.Time) error {
	for !d.mapped(m) {
		elapsed := time.Since(since)
		if elapsed > hangTimeout {
			return d.hang()
		}
		native.Sleep(min(max(elapsed/64, 20*time.Microsecond), 2*time.Millisecond))
	}
	return nil
}

// mapped polls, and reports whether the GPU has reached a mapping.
func (d *Device) mapped(m native.Mapping) bool {
	d.device.Poll(false, nil)
	done, _ := m.Done()
	return done
}
