//go:build !js && !wgpu27

package host

import "github.com/rajveermalviya/go-webgpu/wgpu"

// Encoder records commands.
type Encoder struct{ encoder *wgpu.CommandEncoder }

// Pass records dispatches.
type Pass struct{ pass *wgpu.ComputePassEncoder }

// Commands are a recording.
type Commands struct{ commands *wgpu.CommandBuffer }

// NewEncoder begins a recording.
func (d *Device) NewEncoder() (*Encoder, error) {
	encoder, err := d.device.CreateCommandEncoder(nil)
	if err != nil {
		return nil, failed(err)
	}
	return &Encoder{encoder}, nil
}

// BeginPass begins a pass. Until its end, the encoder takes nothing else.
func (e *Encoder) BeginPass() *Pass { return &Pass{e.encoder.BeginComputePass(nil)} }

// Dispatch records a dispatch.
func (p *Pass) Dispatch(pipeline *Pipeline, group *Group, workgroups [3]uint32) {
	p.pass.SetPipeline(pipeline.pipeline)
	p.pass.SetBindGroup(0, group.group, nil)
	p.pass.DispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2])
}

// End ends the pass.
func (p *Pass) End() error { return failed(p.pass.End()) }

// Release frees the pass.
func (p *Pass) Release() { p.pass.Release() }

// Copy records a copy between buffers.
func (e *Encoder) Copy(dst *Buffer, to int, src *Buffer, from, size int) error {
	return failed(e.encoder.CopyBufferToBuffer(src.buffer, uint64(from), dst.buffer, uint64(to), uint64(size)))
}

// Clear records that the first bytes of a buffer become 0.
func (e *Encoder) Clear(b *Buffer, size int) error {
	return failed(e.encoder.ClearBuffer(b.buffer, 0, uint64(size)))
}

// Stamp records the time when everything recorded so far is done.
func (e *Encoder) Stamp(set *StampSet, i int) error {
	return failed(e.encoder.WriteTimestamp(set.set, uint32(i)))
}

// Resolve records a copy of the first stamps to a buffer.
func (e *Encoder) Resolve(set *StampSet, count int, dst *Buffer) error {
	return failed(e.encoder.ResolveQuerySet(set.set, 0, uint32(count), dst.buffer, 0))
}

// Finish returns the commands.
func (e *Encoder) Finish() (*Commands, error) {
	commands, err := e.encoder.Finish(nil)
	if err != nil {
		return nil, failed(err)
	}
	return &Commands{commands}, nil
}

// Release frees the encoder.
func (e *Encoder) Release() { e.encoder.Release() }

// Release frees the commands. Those that were submitted run on.
func (c *Commands) Release() { c.commands.Release() }
