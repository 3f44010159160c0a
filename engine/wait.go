package engine

import (
	"cmp"
	"time"

	"wgpucnn/engine/hostclock"
	"wgpucnn/engine/internal/host"
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
func (p *Pending) submit(encoder *host.Encoder) error {
	var commands []*host.Commands
	defer func() {
		for _, c := range commands {
			p.device.free(c)
		}
	}()
	for i, l := range p.downloads {
		if i > 0 {
			var err error
			if encoder, err = p.device.host.NewEncoder(); err != nil {
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
	p.start = hostclock.Now()
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
	return p.downloads[len(p.downloads)-1].mapping.Done()
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
		p.took = hostclock.Since(p.start)
		if err == nil {
			err = p.device.host.Fault()
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
