package engine

import (
	"fmt"

	"wgpucnn/engine/internal/host"
)

// Program is a plan made ready for a device: pipelines and bind groups. Running
// it costs nothing but the recording of its dispatches.
type Program struct {
	device     *Device
	plan       Plan
	buffers    []*Buffer // that the plan binds
	dispatches []dispatch
	released   bool
}

type dispatch struct {
	pipeline   *host.Pipeline
	group      *host.Group
	workgroups [3]uint32
}

// Compile gives the plan's buffers memory with their first contents, and compiles its kernels. A
// device compiles equal kernels once. On software adapters a kernel can take a second. After an
// error the buffers are as before.
func (d *Device) Compile(plan Plan) (*Program, error) {
	program := &Program{device: d, plan: plan, buffers: plan.Buffers()}
	given, err := d.allocate(program.buffers)
	if err != nil {
		return nil, err
	}
	for _, step := range plan {
		ready, err := d.prepare(step)
		if err != nil {
			program.Release()
			Release(given...)
			return nil, err
		}
		program.dispatches = append(program.dispatches, ready)
	}
	return program, nil
}

func (d *Device) prepare(step Dispatch) (dispatch, error) {
	defer begin()()
	source, err := step.Kernel.Source()
	if err != nil {
		return dispatch{}, err
	}
	if err := step.check(source, d.adapter.Limits); err != nil {
		return dispatch{}, err
	}
	names := make([]string, len(step.Bindings))
	ranges := make([]host.Range, len(step.Bindings))
	for i, b := range step.Bindings {
		binding, _ := source.Binding(b.Name) // checked above
		names[i] = b.Name
		ranges[i] = host.Range{Number: binding.Number, Buffer: b.View.Buffer.gpu, Offset: b.View.Offset, Size: whole(b.View.Size)}
	}
	kernel, err := d.compile(step.Kernel, source, names)
	if err != nil {
		return dispatch{}, err
	}
	group, err := d.host.NewGroup(step.Kernel.String(), kernel, ranges)
	if err != nil {
		return dispatch{}, d.explain(step.Kernel.String(), err)
	}
	ready := dispatch{pipeline: kernel, group: group}
	for i, n := range step.Workgroups {
		ready.workgroups[i] = uint32(n)
	}
	return ready, nil
}

// Plan returns the dispatches.
func (p *Program) Plan() Plan { return p.plan }

// Buffers returns the buffers that the program binds, each once.
func (p *Program) Buffers() []*Buffer { return p.buffers }

// check returns an error if the program, its device, or a buffer that it binds was
// released.
func (p *Program) check() error {
	if p.released {
		return fmt.Errorf("engine: the program %w: compile its plan again", ErrReleased)
	}
	for _, b := range p.buffers {
		if err := b.check(); err != nil {
			return err
		}
	}
	return p.device.check()
}

// Release frees the bind groups. Buffers and kernels remain.
func (p *Program) Release() {
	p.released = true
	for _, d := range p.dispatches {
		p.device.free(d.group)
	}
	p.dispatches = nil
}
