package engine

import (
	"fmt"
	"slices"
	"strings"

	"wgpucnn/engine/internal/host"
	"wgpucnn/shaders"
)

// Kernel is an entry point of a WGSL file and the constants that specialise it.
type Kernel struct {
	File, Entry string
	Constants   shaders.Constants
	Text        string // WGSL of a kernel that package shaders does not have, else ""
}

// Source returns the kernel's WGSL.
func (k Kernel) Source() (shaders.Source, error) {
	if k.Text != "" {
		return shaders.Parse(k.File, k.Text)
	}
	return shaders.Load(k.File)
}

// String returns the kernel as "conv2d.forward".
func (k Kernel) String() string { return k.File + "." + k.Entry }

// compile builds a kernel with the named bindings. If the device has built it before, compile
// returns that one.
func (d *Device) compile(k Kernel, source shaders.Source, names []string) (*host.Pipeline, error) {
	if !slices.Contains(source.EntryPoints, k.Entry) {
		return nil, fmt.Errorf("engine: %v: %s.wgsl has no such entry point", k, k.File)
	}
	text, err := source.Specialise(k.Entry, k.Constants)
	if err != nil {
		return nil, fmt.Errorf("engine: %v: %w", k, err)
	}
	key := strings.Join(names, " ") + "\n" + k.Entry + "\n" + text
	if p, ok := d.kernels[key]; ok {
		return p, nil
	}
	if err := k.checkWorkgroup(text, d.adapter.Limits); err != nil {
		return nil, err
	}
	var bindings []host.Binding
	for _, name := range names {
		binding, ok := source.Binding(name)
		if !ok {
			return nil, fmt.Errorf("engine: %v has no binding %q", k, name)
		}
		bindings = append(bindings, host.Binding{Number: binding.Number, Write: binding.Write})
	}
	p, err := d.host.NewPipeline(k.String(), text, k.Entry, bindings)
	if err != nil {
		return nil, d.explain(fmt.Sprintf("%v does not compile for %s", k, d.adapter.Name), err)
	}
	d.kernels[key] = p
	return p, nil
}

// checkWorkgroup returns an error for a kernel whose specialised text asks for larger workgroups
// than the limits allow. No driver refuses too much workgroup memory: some work, some hang.
func (k Kernel) checkWorkgroup(text string, limits Limits) error {
	w, err := shaders.WorkgroupOf(text)
	if err != nil {
		return fmt.Errorf("engine: %v: %w", k, err)
	}
	if w.Invocations > limits.WorkgroupSize {
		return fmt.Errorf("engine: %v: %d invocations a workgroup: %w: it takes %d", k, w.Invocations, ErrLimit, limits.WorkgroupSize)
	}
	if w.Memory > limits.WorkgroupStorage {
		return fmt.Errorf("engine: %v: %d bytes of workgroup memory: %w: it has %d", k, w.Memory, ErrLimit, limits.WorkgroupStorage)
	}
	return nil
}
