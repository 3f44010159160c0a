package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Counts returns the number of images of each class.
func (m Images) Counts(classes int) []int {
	counts := make([]int, classes)
	for _, label := range m.Labels {
		counts[label]++
	}
	return counts
}

// HoldOut splits the images: it holds out a share of each class, between 0 and 1, drawn by the
// seed. Both parts keep the order of the images.
func (m Images) HoldOut(share float64, seed uint64) (rest, held Images, err error) {
	byClass := map[uint32][]int{}
	for row, label := range m.Labels {
		byClass[label] = append(byClass[label], row)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	out := make([]bool, m.Len())
	for label := range uint32(len(byClass)) {
		rows := byClass[label]
		count := int(math.Round(share * float64(len(rows))))
		if count < 1 || count >= len(rows) {
			return Images{}, Images{}, fmt.Errorf("dataset: a share of %v holds out %d of the %d rows of class %d: want 1 or more held out, and 1 or more left", share, count, len(rows), label)
		}
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for _, row := range rows[:count] {
			out[row] = true
		}
	}
	rest = m.filter(func(row int) bool { return !out[row] })
	held = m.filter(func(row int) bool { return out[row] })
	return rest, held, nil
}

// filter returns the images for which keep is true.
func (m Images) filter(keep func(row int) bool) Images {
	kept := Images{Height: m.Height, Width: m.Width, Channels: m.Channels}
	var rows []int
	for row, label := range m.Labels {
		if keep(row) {
			kept.Labels = append(kept.Labels, label)
			rows = append(rows, row)
		}
	}
	size := m.Height * m.Width * m.Channels
	kept.Pixels = make([]byte, 0, len(rows)*size) // a set may take gigabytes, so it does not grow
	for _, row := range rows {
		kept.Pixels = append(kept.Pixels, m.Pixels[row*size:(row+1)*size]...)
	}
	return kept
}
