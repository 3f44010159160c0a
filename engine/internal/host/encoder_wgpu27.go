//go:build wgpu27

package host

/*
#include "wgpu27.h"

// One call of C costs less than three.
static void dispatch(WGPUComputePassEncoder pass, WGPUComputePipeline pipeline, WGPUBindGroup group, uint32_t x, uint32_t y, uint32_t z) {
	wgpuComputePassEncoderSetPipeline(pass, pipeline);
	wgpuComputePassEncoderSetBindGroup(pass, 0, group, 0, NULL);
	wgpuComputePassEncoderDispatchWorkgroups(pass, x, y, z);
}
*/
import "C"

// Encoder records commands.
type Encoder struct {
	device  *Device
	encoder C.WGPUCommandEncoder
}

// Pass records dispatches.
type Pass struct {
	device *Device
	pass   C.WGPUComputePassEncoder
}

// Commands are a recording.
type Commands struct{ commands C.WGPUCommandBuffer }

// NewEncoder begins a recording.
func (d *Device) NewEncoder() (*Encoder, error) {
	return made(d, &Encoder{d, C.wgpuDeviceCreateCommandEncoder(d.device, nil)})
}

// BeginPass begins a pass. Until its end, the encoder takes nothing else.
func (e *Encoder) BeginPass() *Pass {
	return &Pass{e.device, C.wgpuCommandEncoderBeginComputePass(e.encoder, nil)}
}

// Dispatch records a dispatch.
func (p *Pass) Dispatch(pipeline *Pipeline, group *Group, workgroups [3]uint32) {
	C.dispatch(p.pass, pipeline.pipeline, group.group, C.uint32_t(workgroups[0]), C.uint32_t(workgroups[1]), C.uint32_t(workgroups[2]))
}

// End ends the pass.
func (p *Pass) End() error {
	C.wgpuComputePassEncoderEnd(p.pass)
	return p.device.Fault()
}

// Release frees the pass.
func (p *Pass) Release() { C.wgpuComputePassEncoderRelease(p.pass) }

// Copy records a copy between buffers.
func (e *Encoder) Copy(dst *Buffer, to int, src *Buffer, from, size int) error {
	C.wgpuCommandEncoderCopyBufferToBuffer(e.encoder, src.buffer, C.uint64_t(from), dst.buffer, C.uint64_t(to), C.uint64_t(size))
	return e.device.Fault()
}

// Clear records that the first bytes of a buffer become 0.
func (e *Encoder) Clear(b *Buffer, size int) error {
	C.wgpuCommandEncoderClearBuffer(e.encoder, b.buffer, 0, C.uint64_t(size))
	return e.device.Fault()
}

// Stamp records the time when everything recorded so far is done.
func (e *Encoder) Stamp(set *StampSet, i int) error {
	C.wgpuCommandEncoderWriteTimestamp(e.encoder, set.set, C.uint32_t(i))
	return e.device.Fault()
}

// Resolve records a copy of the first stamps to a buffer.
func (e *Encoder) Resolve(set *StampSet, count int, dst *Buffer) error {
	C.wgpuCommandEncoderResolveQuerySet(e.encoder, set.set, 0, C.uint32_t(count), dst.buffer, 0)
	return e.device.Fault()
}

// Finish returns the commands.
func (e *Encoder) Finish() (*Commands, error) {
	return made(e.device, &Commands{C.wgpuCommandEncoderFinish(e.encoder, nil)})
}

// Release frees the encoder.
func (e *Encoder) Release() { C.wgpuCommandEncoderRelease(e.encoder) }

// Release frees the commands. Those that were submitted run on.
func (c *Commands) Release() { C.wgpuCommandBufferRelease(c.commands) }
