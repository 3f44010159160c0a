package engine

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"wgpucnn/shaders"
)

// Dispatch runs one kernel over a grid of workgroups. It is plain data.
type Dispatch struct {
	Kernel     Kernel
	Bindings   []Binding
	Workgroups [3]int
	Flops      int // floating-point operations of all invocations, 0 where they do not count
	Bytes      int // that all invocations together read and write, each byte once
}

// Binding is the memory of a kernel's binding.
type Binding struct {
	Name string
	View View
}

// Plan is a list of dispatches that run in order, each seeing what those before
// it wrote.
type Plan []Dispatch

// Buffers returns the buffers that the plan binds, each once.
func (p Plan) Buffers() []*Buffer {
	var buffers []*Buffer
	seen := map[*Buffer]bool{}
	for _, dispatch := range p {
		for _, b := range dispatch.Bindings {
			if !seen[b.View.Buffer] {
				seen[b.View.Buffer] = true
				buffers = append(buffers, b.View.Buffer)
			}
		}
	}
	return buffers
}

// Written returns the buffers that the dispatch writes, each once. It returns none if the kernel does
// not exist; Compile says so.
func (d Dispatch) Written() []*Buffer {
	source, err := d.Kernel.Source()
	if err != nil {
		return nil
	}
	var written []*Buffer
	for _, b := range d.Bindings {
		if binding, _ := source.Binding(b.Name); binding.Write && !slices.Contains(written, b.View.Buffer) {
			written = append(written, b.View.Buffer)
		}
	}
	return written
}

// String returns the plan as a table, a dispatch a line.
func (p Plan) String() string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for i, d := range p {
		bindings := make([]string, len(d.Bindings))
		for j, b := range d.Bindings {
			bindings[j] = b.Name + "=" + b.View.String()
		}
		fmt.Fprintf(table, "%d\t%v\t%d x %d x %d\t%s\t%v\n", i+1, d.Kernel,
			d.Workgroups[0], d.Workgroups[1], d.Workgroups[2], strings.Join(bindings, " "), d.Kernel.Constants)
	}
	table.Flush()
	return text.String()
}

// check returns an error for a dispatch at which wgpu would end the process.
func (d Dispatch) check(source shaders.Source, limits Limits) error {
	for _, n := range d.Workgroups {
		if n < 1 {
			return fmt.Errorf("engine: %v: %v workgroups: want 1 or more along each dimension", d.Kernel, d.Workgroups)
		}
		if n > limits.WorkgroupsPerAxis {
			return fmt.Errorf("engine: %v: %v workgroups: %w: %d along each dimension", d.Kernel, d.Workgroups, ErrLimit, limits.WorkgroupsPerAxis)
		}
	}
	if loops := shaders.Iterations(d.Kernel.File, d.Kernel.Entry, d.Kernel.Constants); limits.Loops > 0 && loops > limits.Loops {
		return fmt.Errorf("engine: %v: %d iterations: %w: this driver leaves its loops after %d: update it (Mesa 25 is sound), or choose another adapter", d.Kernel, loops, ErrLimit, limits.Loops)
	}
	if err := d.checkBindings(source, limits); err != nil {
		return err
	}
	for _, b := range d.Bindings {
		if err := b.View.check(); err != nil {
			return fmt.Errorf("%v: %s: %w", d.Kernel, b.Name, err)
		}
		if b.View.Offset%alignment != 0 {
			return fmt.Errorf("engine: %v: %s: offset %d: want a multiple of %d", d.Kernel, b.Name, b.View.Offset, alignment)
		}
		if uint64(b.View.Size) > limits.BindingSize {
			return fmt.Errorf("engine: %v: %s: %d bytes: %w: it binds %d", d.Kernel, b.Name, b.View.Size, ErrLimit, limits.BindingSize)
		}
	}
	return nil
}

// checkBindings returns an error unless the kernel has the bindings, they are few enough, and they
// may be bound together.
func (d Dispatch) checkBindings(source shaders.Source, limits Limits) error {
	if len(d.Bindings) > limits.StorageBuffers {
		return fmt.Errorf("engine: %v: %d bindings: %w: it takes %d", d.Kernel, len(d.Bindings), ErrLimit, limits.StorageBuffers)
	}
	written := map[*Buffer]bool{}
	for i, b := range d.Bindings {
		binding, ok := source.Binding(b.Name)
		if !ok {
			return fmt.Errorf("engine: %v has no binding %q", d.Kernel, b.Name)
		}
		for _, other := range d.Bindings[:i] {
			if other.Name == b.Name {
				return fmt.Errorf("engine: %v: %s is bound twice", d.Kernel, b.Name)
			}
			if other.View.Buffer == b.View.Buffer && binding.Write && overlap(other.View, b.View) {
				return fmt.Errorf("engine: %v: %s and %s overlap", d.Kernel, other.Name, b.Name)
			}
		}
		if write, bound := written[b.View.Buffer]; bound && write != binding.Write {
			return fmt.Errorf("engine: %v: %s: buffer %s is both read and written", d.Kernel, b.Name, b.View.Buffer.Name)
		}
		written[b.View.Buffer] = binding.Write
	}
	return nil
}

// Grid spreads workgroups over two dimensions, within WebGPU's default limit of each. A kernel finds
// its number as group.y * groups.x + group.x and ignores numbers beyond the last.
func Grid(workgroups int) [3]int {
	most := DefaultLimits().WorkgroupsPerAxis
	if workgroups <= most {
		return [3]int{workgroups, 1, 1}
	}
	rows := (workgroups + most - 1) / most
	return [3]int{(workgroups + rows - 1) / rows, rows, 1}
}

func overlap(a, b View) bool { return a.Offset < b.Offset+b.Size && b.Offset < a.Offset+a.Size }
