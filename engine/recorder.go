package engine

import (
	"cmp"
	"fmt"

	"wgpucnn/engine/internal/host"
)

// Recorder collects work for one submission. Its methods keep the first error and Submit
// returns it, so that a recording reads as a list.
type Recorder struct {
	device  *Device
	encoder *host.Encoder
	pass    *host.Pass
	running []*Program // the programs of the pass in order, without immediate repeats
	reads   []readback
	timer   *Timer // that the stamps use, nil without stamps
	stamps  int
	err     error
}

// NewRecorder begins a recording. Submit must end it.
func (d *Device) NewRecorder() *Recorder {
	r := &Recorder{device: d}
	if r.keep(d.check()) {
		var err error
		r.encoder, err = d.host.NewEncoder()
		r.note(err)
	}
	return r
}

// keep keeps the first error, and reports whether there is no error so far.
func (r *Recorder) keep(err error) bool {
	if r.err == nil {
		r.err = err
	}
	return r.err == nil
}

// note keeps an error of the host.
func (r *Recorder) note(err error) {
	if err != nil {
		r.keep(r.device.explain("a recording", err))
	}
}

// Run records a program's dispatches.
func (r *Recorder) Run(p *Program) {
	if last := len(r.running) - 1; last < 0 || r.running[last] != p {
		r.running = append(r.running, p)
		r.keep(p.check())
	}
	if !r.keep(r.device.check()) {
		return
	}
	if r.pass == nil {
		r.pass = r.encoder.BeginPass()
	}
	for _, d := range p.dispatches {
		r.pass.Dispatch(d.pipeline, d.group, d.workgroups)
	}
}

// Copy records a copy between views of the same size in different buffers.
func (r *Recorder) Copy(dst, src View) {
	r.keep(cmp.Or(r.device.check(), dst.check(), src.check()))
	if r.err == nil && (dst.Size != src.Size || dst.Buffer == src.Buffer) {
		r.err = fmt.Errorf("engine: copy of %v to %v: want equal sizes and different buffers", src, dst)
	}
	r.endPass()
	if r.err == nil {
		r.note(r.encoder.Copy(dst.Buffer.gpu, dst.Offset, src.Buffer.gpu, src.Offset, dst.Size))
	}
}

// Read records a copy of a view's contents, as they are at the end of the submission, to dst.
// Pending.Wait fills dst.
func (r *Recorder) Read(src View, dst []byte) {
	if r.keep(src.check()) && len(dst) != src.Size {
		r.err = fmt.Errorf("engine: read of %v into %d bytes", src, len(dst))
	}
	r.reads = append(r.reads, readback{src, dst})
}

// endPass ends the compute pass, if one is open. It checks the programs again, because wgpu
// needs them until then.
func (r *Recorder) endPass() {
	for _, p := range r.running {
		r.keep(p.check())
	}
	r.running = nil
	if r.pass == nil {
		return
	}
	if r.keep(r.device.check()) {
		r.note(r.pass.End())
	}
	r.device.free(r.pass)
	r.pass = nil
}

// Submit gives the recording to the GPU and returns at once. It releases the recorder. An error
// means that the GPU got no work. Pending.Wait returns the errors of the work itself.
func (r *Recorder) Submit() (*Pending, error) {
	defer begin()()
	r.keep(r.device.check())
	r.endPass()
	r.resolve()
	for _, read := range r.reads {
		r.keep(read.src.check())
	}
	r.note(r.device.host.Fault())
	encoder, err := r.encoder, r.err
	r.encoder, r.err = nil, fmt.Errorf("engine: the recorder %w by Submit: begin another", ErrReleased)
	if encoder != nil {
		defer r.device.free(encoder)
	}
	if err != nil {
		return nil, err
	}
	downloads, err := r.device.downloads(r.reads)
	if err != nil {
		return nil, err
	}
	pending := &Pending{device: r.device, downloads: downloads}
	if err := pending.submit(encoder); err != nil {
		for _, l := range downloads {
			r.device.free(l.gpu)
		}
		return nil, err
	}
	return pending, nil
}
