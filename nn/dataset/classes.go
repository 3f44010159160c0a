package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mostClasses is how many classes are taken when nobody chose any.
const mostClasses = 10

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
	if len(ids) < 2 {
		return nil, fmt.Errorf("dataset: one class: choose two or more, there is nothing to tell apart")
	}
	return ids, nil
}

func findClassID(names []string, want string) (int, error) {
	if id, err := strconv.Atoi(want); err == nil {
		if id < 0 || id >= len(names) {
			return 0, fmt.Errorf("dataset: class %d: want 0 to %d", id, len(names)-1)
		}
		return id, nil
	}
	if id := slices.Index(names, want); id >= 0 {
		return id, nil
	}
	nearest := slices.MinFunc(names, func(a, b string) int { return distance(want, a) - distance(want, b) })
	if distance(want, nearest) <= 2 {
		return 0, fmt.Errorf("dataset: unknown class %q: did you mean %s?", want, nearest)
	}
	return 0, fmt.Errorf("dataset: unknown class %q: want some of %s", want, strings.Join(names, ", "))
}

// distance returns the number of letters to put in, take out or change to turn a
// into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
