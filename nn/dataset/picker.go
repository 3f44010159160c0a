package dataset

import "fmt"

// picker picks the rows of the chosen classes.
type picker struct {
	names []string       // of all classes, by their ids
	ids   []int          // of the chosen classes, by their labels
	label map[int]uint32 // of the chosen classes, by their ids
}

func newPicker(names []string, ids []int) picker {
	p := picker{names, ids, map[int]uint32{}}
	for label, id := range ids {
		p.label[id] = uint32(label)
	}
	return p
}

// of returns the label of a row whose class has an id. It returns false if the class is not chosen.
func (p picker) of(row, id int) (uint32, bool, error) {
	if id < 0 || id >= len(p.names) {
		return 0, false, fmt.Errorf("the label of row %d is %d: want 0 to %d", row, id, len(p.names)-1)
	}
	label, ok := p.label[id]
	return label, ok, nil
}

// pick returns the rows of the chosen classes and their labels. items are the ids of the rows' classes.
func (p picker) pick(items []any) (rows []int, labels []uint32, err error) {
	for row, item := range items {
		id, ok := integer(item)
		if !ok {
			return nil, nil, fmt.Errorf("the label of row %d is not a whole number", row)
		}
		label, ok, err := p.of(row, id)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			rows, labels = append(rows, row), append(labels, label)
		}
	}
	return rows, labels, nil
}

// check returns an error unless each chosen class has images.
func (p picker) check(m Images) error {
	for label, n := range m.Counts(len(p.ids)) {
		if n == 0 {
			return fmt.Errorf("no rows of class %s", p.names[p.ids[label]])
		}
	}
	return nil
}
