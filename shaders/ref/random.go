package ref

import "math/bits"

// Random returns four random words of a row and a place. They are Threefry4x32-20 of Salmon, Moraes,
// Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011), with the counter
// (row, place, 0, 0). Twin of the part random.
func Random(key [4]uint32, row, place uint32) [4]uint32 {
	return threefry(key, [4]uint32{row, place})
}

// threefry returns the words of a counter.
func threefry(key, x [4]uint32) [4]uint32 {
	rotations := [8][2]int{{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}}
	schedule := [5]uint32{key[0], key[1], key[2], key[3], 0x1bd11bda ^ key[0] ^ key[1] ^ key[2] ^ key[3]}
	for round := range 20 {
		if round%4 == 0 {
			inject(&x, schedule, round/4)
		}
		r := rotations[round%8]
		first, second := 1, 3 // the partners of x[0] and x[2]
		if round%2 == 1 {
			first, second = 3, 1
		}
		x[0] += x[first]
		x[first] = bits.RotateLeft32(x[first], r[0]) ^ x[0]
		x[2] += x[second]
		x[second] = bits.RotateLeft32(x[second], r[1]) ^ x[2]
	}
	inject(&x, schedule, 5)
	return x
}

// inject adds the key to the state, for the n-th time.
func inject(x *[4]uint32, schedule [5]uint32, n int) {
	for i := range x {
		x[i] += schedule[(n+i)%5]
	}
	x[3] += uint32(n)
}

// RandomKey returns the key of a stream in an epoch.
func RandomKey(seed uint64, stream, epoch uint32) [4]uint32 {
	return [4]uint32{uint32(seed), uint32(seed >> 32), stream, epoch}
}
