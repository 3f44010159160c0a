//go:build wgpu27

package host

/*
#include <stdlib.h>
#include <string.h>
#include "wgpu27.h"

// The first error of a device that nobody has taken.
typedef struct { int set; char message[1024]; } fault;

static void keep(fault *f, char const *message, size_t length) {
	if (f->set) return;
	if (!message) length = 0;
	if (length >= sizeof f->message) length = sizeof f->message - 1;
	memcpy(f->message, message, length);
	f->message[length] = 0;
	f->set = 1;
}

static void on_lost(WGPUDevice const *device, int reason, WGPUStringView message, void *data, void *more) {
	static char const text[] = "the device is lost";
	((fault *)data)->set = 0; // an error before it does not matter any more
	keep(data, text, sizeof text - 1);
}

static void on_error(WGPUDevice const *device, int type, WGPUStringView message, void *data, void *more) {
	keep(data, message.data, message.length);
}

typedef struct { WGPUDevice device; fault *fault; } opened;

static void on_device(int status, WGPUDevice device, WGPUStringView message, void *data, void *more) {
	opened *o = data;
	if (status == WGPUStatus_Success) o->device = device;
	else keep(o->fault, message.data, message.length);
}

// The callbacks of a device may run until all that it made is released, so its fault is never freed.
static opened new_device(WGPUAdapter adapter, WGPULimits const *limits, int const *features, size_t count) {
	opened o = {NULL, calloc(1, sizeof *o.fault)};
	WGPUDeviceDescriptor descriptor = {
		.requiredFeatures = features, .requiredFeatureCount = count, .requiredLimits = limits,
		.lost = {.callback = on_lost, .data = o.fault}, .uncaptured = {.callback = on_error, .data = o.fault},
	};
	wgpuAdapterRequestDevice(adapter, &descriptor, (WGPURequestDeviceCallbackInfo){.callback = on_device, .data = &o});
	return o;
}

static WGPUStringView view(_GoString_ s) { return (WGPUStringView){_GoStringPtr(s), _GoStringLen(s)}; }

static WGPUBindGroupLayout new_layout(WGPUDevice device, _GoString_ label, WGPUBindGroupLayoutEntry const *entries, size_t count) {
	WGPUBindGroupLayoutDescriptor descriptor = {.label = view(label), .entryCount = count, .entries = entries};
	return wgpuDeviceCreateBindGroupLayout(device, &descriptor);
}

static WGPUShaderModule new_module(WGPUDevice device, _GoString_ label, _GoString_ wgsl) {
	WGPUShaderSourceWGSL source = {.chain = {NULL, WGPUSType_ShaderSourceWGSL}, .code = view(wgsl)};
	WGPUShaderModuleDescriptor descriptor = {.next = &source, .label = view(label)};
	return wgpuDeviceCreateShaderModule(device, &descriptor);
}

static WGPUComputePipeline new_pipeline(WGPUDevice device, _GoString_ label, WGPUShaderModule module, _GoString_ entry, WGPUBindGroupLayout layout) {
	WGPUPipelineLayoutDescriptor all = {.label = view(label), .layoutCount = 1, .layouts = &layout};
	WGPUComputePipelineDescriptor descriptor = {
		.label = view(label), .layout = wgpuDeviceCreatePipelineLayout(device, &all),
		.compute = {.module = module, .entryPoint = view(entry)},
	};
	WGPUComputePipeline pipeline = wgpuDeviceCreateComputePipeline(device, &descriptor);
	wgpuPipelineLayoutRelease(descriptor.layout);
	return pipeline;
}

static WGPUBindGroup new_group(WGPUDevice device, _GoString_ label, WGPUBindGroupLayout layout, WGPUBindGroupEntry const *entries, size_t count) {
	WGPUBindGroupDescriptor descriptor = {.label = view(label), .layout = layout, .entryCount = count, .entries = entries};
	return wgpuDeviceCreateBindGroup(device, &descriptor);
}

static WGPUQuerySet new_stamps(WGPUDevice device, uint32_t count) {
	WGPUQuerySetDescriptor descriptor = {.label = {"timer", 5}, .type = WGPUQueryType_Timestamp, .count = count};
	return wgpuDeviceCreateQuerySet(device, &descriptor);
}
*/
import "C"

import (
	"errors"
	"unsafe"
)

// Device is an open adapter. wgpu calls its callbacks for errors before the call that caused them returns.
// So Fault after a call returns the call's error.
type Device struct {
	device     C.WGPUDevice
	queue      C.WGPUQueue
	fault      *C.fault
	timestamps bool
}

// Pipeline is a compiled kernel.
type Pipeline struct {
	layout   C.WGPUBindGroupLayout
	pipeline C.WGPUComputePipeline
}

// Group is the memory of a kernel's bindings.
type Group struct{ group C.WGPUBindGroup }

// MaxStamps is the most stamps that Device.NewStamps takes.
const MaxStamps = 4096

// StampSet holds the stamps of a recording.
type StampSet struct{ set C.WGPUQuerySet }

// newDevice opens a device. The features are those of timestamps, or none.
func newDevice(adapter C.WGPUAdapter, limits *C.WGPULimits, features []C.int) (*Device, error) {
	o := C.new_device(adapter, limits, unsafe.SliceData(features), C.size_t(len(features)))
	d := &Device{device: o.device, fault: o.fault, timestamps: len(features) > 0}
	if o.device == nil {
		return nil, d.Fault()
	}
	d.queue = C.wgpuDeviceGetQueue(d.device)
	return d, nil
}

// Fault returns the first error that no call returned, and forgets it. It remembers that a device is lost.
func (d *Device) Fault() error {
	if d.fault.set == 0 {
		return nil
	}
	err := failed(errors.New(C.GoString(&d.fault.message[0])))
	if !errors.Is(err, ErrLost) {
		d.fault.set = 0
	}
	return err
}

// HasTimestamps reports whether the device has timestamps.
func (d *Device) HasTimestamps() bool { return d.timestamps }

// NewPipeline compiles an entry point of a WGSL text. If a step fails, the next ones fail too. The error is
// that of the first.
func (d *Device) NewPipeline(label, wgsl, entry string, bindings []Binding) (*Pipeline, error) {
	entries := make([]C.WGPUBindGroupLayoutEntry, len(bindings))
	for i, b := range bindings {
		entries[i].binding = C.uint32_t(b.Number)
		entries[i].visibility = C.WGPUShaderStage_Compute
		entries[i].buffer._type = C.WGPUBufferBindingType_ReadOnlyStorage
		if b.Write {
			entries[i].buffer._type = C.WGPUBufferBindingType_Storage
		}
	}
	module := C.new_module(d.device, label, wgsl)
	layout := C.new_layout(d.device, label, unsafe.SliceData(entries), C.size_t(len(entries)))
	p := &Pipeline{layout, C.new_pipeline(d.device, label, module, entry, layout)}
	C.wgpuShaderModuleRelease(module)
	return made(d, p)
}

// made returns an object that a call made, or the call's error.
func made[T releaser](d *Device, object T) (T, error) {
	err := d.Fault()
	if err == nil {
		return object, nil
	}
	object.Release()
	var none T
	return none, err
}

// Release frees the kernel.
func (p *Pipeline) Release() {
	C.wgpuComputePipelineRelease(p.pipeline)
	C.wgpuBindGroupLayoutRelease(p.layout)
}

// NewGroup binds memory to a kernel.
func (d *Device) NewGroup(label string, pipeline *Pipeline, ranges []Range) (*Group, error) {
	entries := make([]C.WGPUBindGroupEntry, len(ranges))
	for i, r := range ranges {
		entries[i] = C.WGPUBindGroupEntry{
			binding: C.uint32_t(r.Number), buffer: r.Buffer.buffer, offset: C.uint64_t(r.Offset), size: C.uint64_t(r.Size),
		}
	}
	return made(d, &Group{C.new_group(d.device, label, pipeline.layout, unsafe.SliceData(entries), C.size_t(len(entries)))})
}

// Release frees the group. The memory remains.
func (g *Group) Release() { C.wgpuBindGroupRelease(g.group) }

// NewStamps makes a set of stamps.
func (d *Device) NewStamps(count int) (*StampSet, error) {
	return made(d, &StampSet{C.new_stamps(d.device, C.uint32_t(count))})
}

// Release frees the set.
func (s *StampSet) Release() { C.wgpuQuerySetRelease(s.set) }

// Submit gives commands to the GPU.
func (d *Device) Submit(commands ...*Commands) {
	all := make([]C.WGPUCommandBuffer, len(commands))
	for i, c := range commands {
		all[i] = c.commands
	}
	C.wgpuQueueSubmit(d.queue, C.size_t(len(all)), unsafe.SliceData(all))
}

// Release frees the device.
func (d *Device) Release() {
	C.wgpuQueueRelease(d.queue)
	C.wgpuDeviceRelease(d.device)
}
