package ref

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// Alternating images are mirrored in every other epoch, half of them in the first one. Random ones are
// mirrored half of the time.
func TestAugmentFlip(t *testing.T) {
	const rows, epochs = 1000, 4
	counts := map[string]int{}
	for row := range uint32(rows) {
		mirrored := map[string][]bool{}
		for epoch := range uint32(epochs) {
			for _, flip := range []string{"random", "alternating"} {
				y := Augment{Flip: flip}.Image([]float64{1, 2, 3}, 1, 1, 3, 11, epoch, row)
				mirrored[flip] = append(mirrored[flip], slices.Equal(y, []float64{3, 2, 1}))
				if !mirrored[flip][epoch] && !slices.Equal(y, []float64{1, 2, 3}) {
					t.Fatalf("%s: %v", flip, y)
				}
			}
		}
		for flip, each := range mirrored {
			counts[flip+fmt.Sprint(each)]++
		}
	}
	bound := 5 * math.Sqrt(rows) / 2
	if n := counts["alternating[false true false true]"]; n+counts["alternating[true false true false]"] != rows || math.Abs(float64(n)-rows/2) > bound {
		t.Errorf("alternating: %v", counts)
	}
	if len(counts) != 2+1<<epochs {
		t.Errorf("%d courses of four epochs, want %d", len(counts), 2+1<<epochs)
	}
}

// The places of a move and of a hole are uniform.
func TestAugmentPlaces(t *testing.T) {
	const rows = 20000
	const size, shift = 7, 3
	x := make([]float64, size*size)
	for i := range x {
		x[i] = float64(1 + i)
	}
	moves, holes := map[float64]int{}, map[int]int{}
	for row := range uint32(rows) {
		moved := Augment{Shift: shift}.Image(x, 1, size, size, 1, 2, row)
		moves[moved[size*size/2]]++ // the pixel in the middle tells the move
		holed := Augment{Cutout: 1}.Image(x, 1, size, size, 1, 2, row)
		holes[slices.Index(holed, 0)]++
	}
	for what, c := range map[string]struct{ places, want int }{"moves": {len(moves), size * size}, "holes": {len(holes), size * size}} {
		if c.places != c.want {
			t.Errorf("%s: %d places, want %d", what, c.places, c.want)
		}
	}
	for _, n := range moves {
		if mean := rows / 49.; math.Abs(float64(n)-mean) > 5*math.Sqrt(mean) {
			t.Errorf("a move %d times, want about %.0f", n, mean)
		}
	}
	for at, n := range holes {
		if mean := rows / 49.; at < 0 || math.Abs(float64(n)-mean) > 5*math.Sqrt(mean) {
			t.Errorf("a hole at %d %d times, want about %.0f", at, n, mean)
		}
	}
}

// The padding is that of torch's F.pad(x, (2, 2), mode="reflect").
func TestReflect(t *testing.T) {
	var got []int
	for i := -2; i < 5; i++ {
		got = append(got, reflect(i, 3))
	}
	if want := []int{2, 1, 0, 1, 2, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A hole of an odd size has its pixel in the middle; of an even size one pixel more before it.
func TestAugmentHole(t *testing.T) {
	x := slices.Repeat([]float64{1}, 11)
	for row := range uint32(20) {
		middle := slices.Index(Augment{Cutout: 1}.Image(x, 1, 1, 11, 1, 2, row), 0)
		for cutout, before := range map[int]int{2: 1, 3: 1, 4: 2} {
			want := slices.Clone(x)
			for i := range want {
				if i >= middle-before && i < middle-before+cutout {
					want[i] = 0
				}
			}
			if got := (Augment{Cutout: cutout}).Image(x, 1, 1, 11, 1, 2, row); !slices.Equal(got, want) {
				t.Errorf("cutout %d around %d: got %v, want %v", cutout, middle, got, want)
			}
		}
	}
}
