package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn/spell"
)

// maxDefaultClasses is the largest number of classes that are used without a choice.
const maxDefaultClasses = 10

// allClasses chooses all classes, unless one has this name.
const allClasses = "all"

// chosen returns the ids of the classes to use of a source with the given names, in rising order.
func (o Options) chosen(names, byDefault []string) ([]int, error) {
	ids, all := indices(names, o.Model)
	switch {
	case o.Classes != nil:
		return chooseClasses(names, o.Classes)
	case len(o.Model) == len(names):
		return usable(names, every(names))
	case !all || len(ids) == 0:
		return chooseClasses(names, byDefault)
	}
	return usable(names, ids)
}

// indices returns the index in names of each of some. It returns false unless each occurs
// exactly once.
func indices(names, some []string) ([]int, bool) {
	var ids []int
	for _, name := range some {
		id := slices.Index(names, name)
		if id < 0 || slices.Contains(ids, id) || slices.Contains(names[id+1:], name) {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// InOrder returns the data set with its classes in the order of names, and its labels
// renumbered to match. It returns false unless names are the data set's classes. The result
// shares the pixels.
func (d *Dataset) InOrder(names []string) (*Dataset, bool) {
	ids, ok := indices(d.Classes, names)
	if !ok || len(ids) != len(d.Classes) {
		return nil, false
	}
	renumbered := make([]uint32, len(ids))
	for label, id := range ids {
		renumbered[id] = uint32(label)
	}
	renumber := func(m Images) Images {
		labels := make([]uint32, m.Len())
		for row, label := range m.Labels {
			labels[row] = renumbered[label]
		}
		m.Labels = labels
		return m
	}
	return &Dataset{d.Name, names, renumber(d.Train), renumber(d.Test), d.Reading}, true
}

// chooseClasses returns the ids of the wanted classes in rising order. want holds ids or names, or
// allClasses. If it is empty, all classes are used, but not more than maxDefaultClasses.
func chooseClasses(names, want []string) ([]int, error) {
	var ids []int
	everyone := slices.Equal(want, []string{allClasses}) && !slices.Contains(names, allClasses)
	if len(want) == 0 || everyone {
		if len(names) > maxDefaultClasses && !everyone {
			return nil, fmt.Errorf("dataset: %d classes: choose some with --classes, or all of them with --classes %s", len(names), allClasses)
		}
		return usable(names, every(names))
	}
	for _, w := range want {
		id, err := findClassID(names, w)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids, id) {
			return nil, fmt.Errorf("dataset: class %s is chosen twice: name it once", names[id])
		}
		ids = append(ids, id)
	}
	return usable(names, ids)
}

// every returns all ids.
func every(names []string) []int {
	ids := make([]int, len(names))
	for id := range ids {
		ids[id] = id
	}
	return ids
}

// usable returns the ids in rising order. It returns an error unless there are two or more, with
// different names.
func usable(names []string, ids []int) ([]int, error) {
	slices.Sort(ids)
	if first, second, ok := sharedName(names, ids); ok {
		return nil, fmt.Errorf("dataset: classes %d and %d are both named %s: choose one of them by its id with --classes", first, second, names[first])
	}
	if len(ids) < 2 {
		return nil, fmt.Errorf("dataset: one class: choose two or more")
	}
	return ids, nil
}

// sharedName returns two of the ids whose classes have the same name.
func sharedName(names []string, ids []int) (first, second int, ok bool) {
	seen := map[string]int{}
	for _, id := range ids {
		if first, ok := seen[names[id]]; ok {
			return first, id, true
		}
		seen[names[id]] = id
	}
	return 0, 0, false
}

// findClassID returns the id of a class, given by name or id. A name goes before an id: folders may be
// named by numbers.
func findClassID(names []string, want string) (int, error) {
	if id := slices.Index(names, want); id >= 0 {
		if next := slices.Index(names[id+1:], want); next >= 0 {
			return 0, fmt.Errorf("dataset: classes %d and %d are both named %s: choose one of them by its id", id, id+1+next, want)
		}
		return id, nil
	}
	if id, err := strconv.Atoi(want); err == nil {
		if id < 0 || id >= len(names) {
			return 0, fmt.Errorf("dataset: class %d: want 0 to %d", id, len(names)-1)
		}
		return id, nil
	}
	if nearest, ok := spell.Nearest(want, names); ok {
		return 0, fmt.Errorf("dataset: unknown class %q: did you mean %s?", want, nearest)
	}
	return 0, fmt.Errorf("dataset: unknown class %q: want some of %s", want, strings.Join(names, ", "))
}
