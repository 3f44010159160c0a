package engine

import (
	"fmt"
	"slices"

	"wgpucnn/shaders"
)

// Merge returns one dispatch that does the work of several (see shaders.Merge). No dispatch may read
// what another one writes. The name becomes that of the entry point. Merge returns an error that
// wraps ErrLimit if the dispatch needs more storage buffers, more workgroup memory or larger
// workgroups than the limits allow.
func Merge(name string, limits Limits, plan Plan) (Dispatch, error) {
	m := Dispatch{Kernel: Kernel{File: shaders.Merged, Entry: name}}
	var roles []shaders.Role
	var views []View
	count, loops := 0, 0
	for _, d := range plan {
		source, err := d.Kernel.Source()
		if err != nil {
			return m, err
		}
		role := shaders.Role{Entry: d.Kernel.Entry, Workgroups: d.Workgroups, Memory: map[string]int{}}
		if role.Text, err = source.Specialise(d.Kernel.Entry, d.Kernel.Constants); err != nil {
			return m, fmt.Errorf("engine: %v: %w", d.Kernel, err)
		}
		for _, b := range d.Bindings {
			if !slices.Contains(views, b.View) {
				views = append(views, b.View)
			}
			role.Memory[b.Name] = slices.Index(views, b.View)
		}
		roles = append(roles, role)
		count += d.Workgroups[0] * d.Workgroups[1] * d.Workgroups[2]
		loops = max(loops, shaders.Iterations(d.Kernel.File, d.Kernel.Entry, d.Kernel.Constants))
		m.Flops += d.Flops
		m.Bytes += d.Bytes
	}
	text, names, err := shaders.Merge(name, roles...)
	if err != nil {
		return m, fmt.Errorf("engine: %w", err)
	}
	m.Kernel.Text, m.Workgroups = text, Grid(count)
	m.Kernel.Constants = shaders.Constants{{Name: "LOOPS", Value: loops}}
	for i, d := range plan {
		for _, b := range d.Bindings {
			merged := Binding{names[i][b.Name], b.View}
			if !slices.Contains(m.Bindings, merged) {
				m.Bindings = append(m.Bindings, merged)
			}
		}
	}
	source, err := m.Kernel.Source()
	if err != nil {
		return m, err
	}
	if err := m.checkBindings(source, limits); err != nil {
		return m, err
	}
	return m, m.Kernel.checkWorkgroup(text, limits)
}
