//go:build !js && !wgpu27

package host

import (
	"errors"

	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// Device is an open adapter.
type Device struct {
	device *wgpu.Device
	queue  *wgpu.Queue
	fault  native.Fault
}

// Pipeline is a compiled kernel.
type Pipeline struct {
	layout   *wgpu.BindGroupLayout
	pipeline *wgpu.ComputePipeline
}

// Group is the memory of a kernel's bindings.
type Group struct{ group *wgpu.BindGroup }

// MaxStamps is the most stamps that Device.NewStamps takes.
const MaxStamps = wgpu.QuerySetMaxQueries

// StampSet holds the stamps of a recording.
type StampSet struct{ set *wgpu.QuerySet }

// Fault returns the first error that no call returned, and forgets it.
func (d *Device) Fault() error { return failed(d.fault.Take()) }

// made returns the error of a call of wgpu that made an object. An error that no call returned came
// before it, and is its cause. The object is freed then, unless the device was lost: wgpu would abort
// the process.
func (d *Device) made(object releaser, err error) error {
	fault := d.Fault()
	if fault == nil {
		return failed(err)
	}
	if err == nil && !errors.Is(fault, ErrLost) {
		object.Release()
	}
	return fault
}

// HasTimestamps reports whether the device has timestamps.
func (d *Device) HasTimestamps() bool { return d.device.HasFeature(wgpu.FeatureName_TimestampQuery) }

// NewPipeline compiles an entry point of a WGSL text.
func (d *Device) NewPipeline(label, wgsl, entry string, bindings []Binding) (*Pipeline, error) {
	var entries []wgpu.BindGroupLayoutEntry
	for _, b := range bindings {
		access := wgpu.BufferBindingType_ReadOnlyStorage
		if b.Write {
			access = wgpu.BufferBindingType_Storage
		}
		entries = append(entries, wgpu.BindGroupLayoutEntry{
			Binding: uint32(b.Number), Visibility: wgpu.ShaderStage_Compute, Buffer: wgpu.BufferBindingLayout{Type: access},
		})
	}
	layout, err := d.device.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{Label: label, Entries: entries})
	if err != nil {
		return nil, d.made(nil, err)
	}
	pipeline, err := d.compile(label, wgsl, entry, layout)
	if err != nil {
		if !errors.Is(err, ErrLost) {
			layout.Release()
		}
		return nil, err
	}
	return &Pipeline{layout, pipeline}, nil
}

func (d *Device) compile(label, wgsl, entry string, layout *wgpu.BindGroupLayout) (pipeline *wgpu.ComputePipeline, err error) {
	free := func(object releaser) {
		if !errors.Is(err, ErrLost) {
			object.Release()
		}
	}
	module, err := d.device.CreateShaderModule(&wgpu.ShaderModuleDescriptor{
		Label: label, WGSLDescriptor: &wgpu.ShaderModuleWGSLDescriptor{Code: wgsl},
	})
	if err != nil {
		return nil, d.made(nil, err)
	}
	defer func() { free(module) }()
	all, err := d.device.CreatePipelineLayout(&wgpu.PipelineLayoutDescriptor{
		Label: label, BindGroupLayouts: []*wgpu.BindGroupLayout{layout},
	})
	if err != nil {
		return nil, d.made(nil, err)
	}
	defer func() { free(all) }()
	pipeline, err = d.device.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{
		Label: label, Layout: all, Compute: wgpu.ProgrammableStageDescriptor{Module: module, EntryPoint: entry},
	})
	return pipeline, d.made(pipeline, err)
}

// Release frees the kernel.
func (p *Pipeline) Release() {
	p.pipeline.Release()
	p.layout.Release()
}

// NewGroup binds memory to a kernel.
func (d *Device) NewGroup(label string, pipeline *Pipeline, ranges []Range) (*Group, error) {
	entries := make([]wgpu.BindGroupEntry, len(ranges))
	for i, r := range ranges {
		entries[i] = wgpu.BindGroupEntry{
			Binding: uint32(r.Number), Buffer: r.Buffer.buffer, Offset: uint64(r.Offset), Size: uint64(r.Size),
		}
	}
	group, err := d.device.CreateBindGroup(&wgpu.BindGroupDescriptor{Label: label, Layout: pipeline.layout, Entries: entries})
	if err != nil {
		return nil, d.made(nil, err)
	}
	return &Group{group}, nil
}

// Release frees the group. The memory remains.
func (g *Group) Release() { g.group.Release() }

// NewStamps makes a set of stamps.
func (d *Device) NewStamps(count int) (*StampSet, error) {
	set, err := d.device.CreateQuerySet(&wgpu.QuerySetDescriptor{Label: "timer", Type: wgpu.QueryType_Timestamp, Count: uint32(count)})
	if err != nil {
		return nil, d.made(nil, err)
	}
	return &StampSet{set}, nil
}

// Release frees the set.
func (s *StampSet) Release() { s.set.Release() }

// Submit gives commands to the GPU.
func (d *Device) Submit(commands ...*Commands) {
	all := make([]*wgpu.CommandBuffer, len(commands))
	for i, c := range commands {
		all[i] = c.commands
	}
	d.queue.Submit(all...)
}

// Release frees the device.
func (d *Device) Release() {
	d.queue.Release()
	d.device.Release()
}
