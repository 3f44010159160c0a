package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/nn/spell"
)

// mostClasses is how many classes are taken when nobody chose any.
const mostClasses = 10

// choice returns the classes, by ids or names, to choose out of a source's.
func (o Options) choice(names, byDefault []string) []string {
	ids, all := places(names, o.Model)
	switch {
	case o.Classes != nil:
		return o.Classes
	case len(o.Model) == len(names):
		ids = make([]int, len(names))
		for id := range ids {
			ids[id] = id
		}
	case !all || len(ids) == 0:
		return byDefault
	}
	var choice []string
	for _, id := range ids {
		choice = append(choice, strconv.Itoa(id)) // a name may look like another's id
	}
	return choice
}

// places returns where each of some names stands among all of them. It returns false
// unless each of them stands there once.
func places(names, some []string) ([]int, bool) {
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

// InOrder returns the data set with its labels renumbered to the order of names, or
// false unless names are those of its classes. It shares the pixels.
func (d *Dataset) InOrder(names []string) (*Dataset, bool) {
	ids, ok := places(d.Classes, names)
	if !ok || len(ids) != len(d.Classes) {
		return nil, false
	}
	renumbered := make([]uint32, len(ids))
	for label, id := range ids {
		renumbered[id] = uint32(label)
	}
	turn := func(m Images) Images {
		labels := make([]uint32, m.Len())
		for row, label := range m.Labels {
			labels[row] = renumbered[label]
		}
		m.Labels = labels
		return m
	}
	return &Dataset{d.Name, names, turn(d.Train), turn(d.Test)}, true
}

// chooseClasses returns the ids of the wanted classes, given by id or name, in
// rising order; all of them where nobody wants any.
func chooseClasses(names, want []string) ([]int, error) {
	var ids []int
	for _, w := range want {
		id, err := findClassID(names, w)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids, id) {
			return nil, fmt.Errorf("dataset: class %s stands twice among those asked for", names[id])
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(want) == 0 {
		if len(names) > mostClasses {
			return nil, fmt.Errorf("dataset: %d classes: choose some with --classes", len(names))
		}
		for id := range names {
			ids = append(ids, id)
		}
	}
	if first, second, ok := sharedName(names, ids); ok {
		return nil, fmt.Errorf("dataset: classes %d and %d are both named %s: choose one of them by its id with --classes", first, second, names[first])
	}
	if len(ids) < 2 {
		return nil, fmt.Errorf("dataset: one class: choose two or more, there is nothing to tell apart")
	}
	return ids, nil
}

// sharedName returns two of the ids that have the same name.
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

// findClassID returns the id of a class that is given by id or name.
func findClassID(names []string, want string) (int, error) {
	if id, err := strconv.Atoi(want); err == nil {
		if id < 0 || id >= len(names) {
			return 0, fmt.Errorf("dataset: class %d: want 0 to %d", id, len(names)-1)
		}
		return id, nil
	}
	if id := slices.Index(names, want); id >= 0 {
		if next := slices.Index(names[id+1:], want); next >= 0 {
			return 0, fmt.Errorf("dataset: classes %d and %d are both named %s: choose one of them by its id", id, id+1+next, want)
		}
		return id, nil
	}
	if nearest, ok := spell.Nearest(want, names); ok {
		return 0, fmt.Errorf("dataset: unknown class %q: did you mean %s?", want, nearest)
	}
	return 0, fmt.Errorf("dataset: unknown class %q: want some of %s", want, strings.Join(names, ", "))
}
