package dataset

import "math/rand/v2"

// Noise returns count images of 32 x 32 x 3 random bytes with three labels in turn, the same at
// each call. They serve to measure speed, which does not depend on what images show.
func Noise(count int) Images {
	random := rand.New(rand.NewPCG(1, uint64(count)))
	m := Images{Height: 32, Width: 32, Channels: 3, Pixels: make([]byte, count*32*32*3), Labels: make([]uint32, count)}
	for i := range m.Pixels {
		m.Pixels[i] = byte(random.Uint32())
	}
	for i := range m.Labels {
		m.Labels[i] = uint32(i % 3)
	}
	return m
}
