package host

import (
	"fmt"
	"syscall/js"
)

// Device is an open adapter.
type Device struct {
	device, queue js.Value
	fault         error // the first that no call returned
	lost          error // nil while the device works
	listener      js.Func
}

// newDevice watches a device for errors that no call returns, and for its loss.
func newDevice(device js.Value) *Device {
	d := &Device{device: device, queue: device.Get("queue")}
	d.listener = js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("preventDefault") // or the browser prints the error
		if d.fault == nil {
			d.fault = failed(args[0].Get("error"))
		}
		return nil
	})
	device.Call("addEventListener", "uncapturederror", d.listener)
	lost := watch(device.Get("lost"))
	go func() {
		<-lost.done
		d.lose(lost.value.Get("message").String())
	}()
	return d
}

// lose notes that the device was lost.
func (d *Device) lose(message string) { d.lost = fmt.Errorf("%w: %s", ErrLost, oneLine(message)) }

// Fault returns the first error that no call returned, and forgets it. A loss stays.
func (d *Device) Fault() error {
	if d.lost != nil {
		return d.lost
	}
	err := d.fault
	d.fault = nil
	return err
}

// scoped calls f and waits for the errors of the calls in it. It returns the first.
func (d *Device) scoped(f func()) error {
	filters := [...]string{"validation", "out-of-memory"}
	for _, filter := range filters {
		d.device.Call("pushErrorScope", filter)
	}
	err := try(f)
	var scopes [len(filters)]*promise
	for i := range scopes {
		scopes[i] = watch(d.device.Call("popErrorScope"))
	}
	for _, scope := range scopes {
		value, broken := scope.wait()
		if broken == nil {
			broken = failed(value)
		}
		if err == nil {
			err = broken
		}
	}
	if fault := d.Fault(); fault != nil {
		return fault
	}
	return err
}

// HasTimestamps reports whether the device has timestamps.
func (d *Device) HasTimestamps() bool { return d.device.Get("features").Call("has", timestamps).Bool() }

// Pipeline is a compiled kernel.
type Pipeline struct{ layout, pipeline js.Value }

// NewPipeline compiles an entry point of a WGSL text. The browser compiles it aside.
func (d *Device) NewPipeline(label, wgsl, entry string, bindings []Binding) (*Pipeline, error) {
	entries := []any{}
	for _, b := range bindings {
		access := "read-only-storage"
		if b.Write {
			access = "storage"
		}
		entries = append(entries, map[string]any{
			"binding": b.Number, "visibility": 4, // GPUShaderStage.COMPUTE
			"buffer": map[string]any{"type": access},
		})
	}
	var layout js.Value
	var compiling *promise
	err := d.scoped(func() {
		module := d.device.Call("createShaderModule", map[string]any{"label": label, "code": wgsl})
		layout = d.device.Call("createBindGroupLayout", map[string]any{"label": label, "entries": entries})
		all := d.device.Call("createPipelineLayout", map[string]any{"label": label, "bindGroupLayouts": []any{layout}})
		compiling = watch(d.device.Call("createComputePipelineAsync", map[string]any{
			"label": label, "layout": all, "compute": map[string]any{"module": module, "entryPoint": entry},
		}))
	})
	if err != nil {
		return nil, err
	}
	pipeline, err := compiling.wait()
	if err != nil {
		return nil, err
	}
	return &Pipeline{layout, pipeline}, nil
}

// Release forgets the kernel.
func (p *Pipeline) Release() { *p = Pipeline{} }

// Group is the memory of a kernel's bindings.
type Group struct{ group js.Value }

// NewGroup binds memory to a kernel.
func (d *Device) NewGroup(label string, pipeline *Pipeline, ranges []Range) (*Group, error) {
	entries := make([]any, len(ranges))
	for i, r := range ranges {
		entries[i] = map[string]any{
			"binding": r.Number, "resource": map[string]any{"buffer": r.Buffer.buffer, "offset": r.Offset, "size": r.Size},
		}
	}
	return &Group{d.device.Call("createBindGroup", map[string]any{"label": label, "layout": pipeline.layout, "entries": entries})}, d.Fault()
}

// Release forgets the group. The memory remains.
func (g *Group) Release() { *g = Group{} }

// MaxStamps is the most stamps that Device.NewStamps takes.
const MaxStamps = 4096

// StampSet holds the stamps of a recording.
type StampSet struct{ set js.Value }

// NewStamps makes a set of stamps.
func (d *Device) NewStamps(count int) (*StampSet, error) {
	set := &StampSet{}
	return set, d.scoped(func() {
		set.set = d.device.Call("createQuerySet", map[string]any{"label": "timer", "type": "timestamp", "count": count})
	})
}

// Release frees the set.
func (s *StampSet) Release() { s.set.Call("destroy") }

// Submit gives commands to the GPU.
func (d *Device) Submit(commands ...*Commands) {
	all := make([]any, len(commands))
	for i, c := range commands {
		all[i] = c.commands
	}
	d.queue.Call("submit", all)
}

// Release frees the device.
func (d *Device) Release() {
	d.device.Call("removeEventListener", "uncapturederror", d.listener)
	d.listener.Release()
	d.device.Call("destroy")
}
