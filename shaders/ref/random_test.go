package ref

import (
	"fmt"
	"math"
	"math/bits"
	"testing"
)

// The published answers of Threefry4x32-20: the file kat_vectors of Random123, by the paper's authors.
func TestThreefry(t *testing.T) {
	ones := [4]uint32{math.MaxUint32, math.MaxUint32, math.MaxUint32, math.MaxUint32}
	for _, c := range []struct {
		counter, key [4]uint32
		want         string
	}{
		{want: "[9c6ca96a e17eae66 fc10ecd4 5256a7d8]"},
		{ones, ones, "[2a881696 57012287 f6c7446e a16a6732]"},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [4]uint32{0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89}, "[59cd1dbb b8879579 86b5d00c ac8b6d84]"},
	} {
		if got := fmt.Sprintf("%08x", threefry(c.key, c.counter)); got != c.want {
			t.Errorf("counter %08x, key %08x: got %s, want %s", c.counter, c.key, got, c.want)
		}
	}
}

// drawn returns the words of the n-th row, place, epoch, stream or seed.
var drawn = map[string]func(n uint32) [4]uint32{
	"row":    func(n uint32) [4]uint32 { return Random(RandomKey(7, 0, 3), n, 0) },
	"place":  func(n uint32) [4]uint32 { return Random(RandomKey(7, 0, 3), 5, n) },
	"epoch":  func(n uint32) [4]uint32 { return Random(RandomKey(7, 0, n), 5, 0) },
	"stream": func(n uint32) [4]uint32 { return Random(RandomKey(7, n, 3), 5, 0) },
	"seed":   func(n uint32) [4]uint32 { return Random(RandomKey(uint64(n)<<20, 0, 3), 5, 0) },
}

// Whichever of its arguments counts up, each bit is 1 half of the time and follows from no other, and the
// bytes are uniform. The bounds are five standard deviations.
func TestRandomStatistics(t *testing.T) {
	const draws = 1 << 14
	for name, draw := range drawn {
		var ones [128]int
		var equal [128]int // to the same bit of the draw before
		var bytes [16][256]int
		last := draw(draws)
		for n := range uint32(draws) {
			words := draw(n)
			for i := range 128 {
				bit, before := words[i/32]>>(i%32)&1, last[i/32]>>(i%32)&1
				ones[i] += int(bit)
				equal[i] += int(1 - bit ^ before)
			}
			for i := range 16 {
				bytes[i][words[i/4]>>(i%4*8)&0xff]++
			}
			last = words
		}
		bound := 5 * math.Sqrt(draws) / 2
		for i := range 128 {
			if d := math.Abs(float64(ones[i]) - draws/2); d > bound {
				t.Errorf("%s: bit %d is 1 in %d of %d draws", name, i, ones[i], draws)
			}
			if d := math.Abs(float64(equal[i]) - draws/2); d > bound {
				t.Errorf("%s: bit %d equals the one before in %d of %d draws", name, i, equal[i], draws)
			}
		}
		for i := range bytes {
			chi := 0.0
			for _, count := range bytes[i] {
				d := float64(count) - draws/256
				chi += d * d / (draws / 256)
			}
			if math.Abs(chi-255) > 5*math.Sqrt(2*255) {
				t.Errorf("%s: chi squared of byte %d is %.0f, want about 255", name, i, chi)
			}
		}
	}
}

// A bit that changes in any argument changes half of the bits.
func TestRandomAvalanche(t *testing.T) {
	const draws = 256
	for bit := range 6 * 32 {
		changed := 0
		for n := range uint32(draws) {
			arguments := [6]uint32{n, 0, 0, n * n, n, 1}
			draw := func() [4]uint32 {
				a := arguments
				return Random([4]uint32{a[0], a[1], a[2], a[3]}, a[4], a[5])
			}
			before := draw()
			arguments[bit/32] ^= 1 << (bit % 32)
			for i, word := range draw() {
				changed += bits.OnesCount32(word ^ before[i])
			}
		}
		if d := math.Abs(float64(changed) - draws*64); d > 5*math.Sqrt(draws*128)/2 {
			t.Errorf("bit %d of word %d: %d of %d bits change", bit%32, bit/32, changed, draws*128)
		}
	}
}
