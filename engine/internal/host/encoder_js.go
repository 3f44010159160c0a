package host

import "syscall/js"

// Encoder records commands. The browser reports errors of a recording to Device.Fault.
type Encoder struct{ encoder js.Value }

// Pass records dispatches.
type Pass struct{ pass, setPipeline, setBindGroup, dispatch js.Value }

// Commands are a recording.
type Commands struct{ commands js.Value }

// NewEncoder begins a recording.
func (d *Device) NewEncoder() (*Encoder, error) {
	return &Encoder{d.device.Call("createCommandEncoder")}, nil
}

// BeginPass begins a pass. It binds the methods to it: a call by name would translate the name each time.
func (e *Encoder) BeginPass() *Pass {
	pass := e.encoder.Call("beginComputePass")
	method := func(name string) js.Value { return pass.Get(name).Call("bind", pass) }
	return &Pass{pass, method("setPipeline"), method("setBindGroup"), method("dispatchWorkgroups")}
}

// Dispatch records a dispatch.
func (p *Pass) Dispatch(pipeline *Pipeline, group *Group, workgroups [3]uint32) {
	p.setPipeline.Invoke(pipeline.pipeline)
	p.setBindGroup.Invoke(0, group.group)
	p.dispatch.Invoke(workgroups[0], workgroups[1], workgroups[2])
}

// End ends the pass.
func (p *Pass) End() error {
	p.pass.Call("end")
	return nil
}

// Release does nothing: the browser collects its garbage.
func (*Pass) Release() {}

// Copy records a copy between buffers.
func (e *Encoder) Copy(dst *Buffer, to int, src *Buffer, from, size int) error {
	e.encoder.Call("copyBufferToBuffer", src.buffer, from, dst.buffer, to, size)
	return nil
}

// Clear records that the first bytes of a buffer become 0.
func (e *Encoder) Clear(b *Buffer, size int) error {
	e.encoder.Call("clearBuffer", b.buffer, 0, size)
	return nil
}

// Stamp records the time when everything recorded so far is done. WebGPU stamps only the begin and the end
// of a pass, so this is the end of an empty one.
func (e *Encoder) Stamp(set *StampSet, i int) error {
	e.encoder.Call("beginComputePass", map[string]any{
		"timestampWrites": map[string]any{"querySet": set.set, "endOfPassWriteIndex": i},
	}).Call("end")
	return nil
}

// Resolve records a copy of the first stamps to a buffer.
func (e *Encoder) Resolve(set *StampSet, count int, dst *Buffer) error {
	e.encoder.Call("resolveQuerySet", set.set, 0, count, dst.buffer, 0)
	return nil
}

// Finish returns the commands.
func (e *Encoder) Finish() (*Commands, error) { return &Commands{e.encoder.Call("finish")}, nil }

// Release does nothing: the browser collects its garbage.
func (*Encoder) Release() {}

// Release does nothing: the browser collects its garbage.
func (*Commands) Release() {}
