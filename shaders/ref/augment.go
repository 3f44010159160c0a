package ref

// Augment says how images change in training: see nn.Augment.
type Augment struct {
	Flip          string // "", "random" or "alternating"
	Shift, Cutout int
}

// Image returns what becomes of an image x (C, H, W), the row of a data set, in an epoch. Twin of the
// part augment.
func (a Augment) Image(x []float64, c, h, w int, seed uint64, epoch, row uint32) (y []float64) {
	words := Random(RandomKey(seed, 0, epoch), row, 0)
	below := func(half uint32, limit int) int { return int(half) * limit >> 16 }
	mirrored := false
	switch a.Flip {
	case "random":
		mirrored = words[0]&1 == 1
	case "alternating":
		mirrored = (Random(RandomKey(seed, 0, 0), row, 1)[0]^epoch)&1 == 1
	}
	top, left := below(words[1]&0xffff, 2*a.Shift+1), below(words[1]>>16, 2*a.Shift+1)
	holeRow, holeColumn := below(words[2]&0xffff, h)-a.Cutout/2, below(words[2]>>16, w)-a.Cutout/2
	y = make([]float64, len(x))
	for i := range y {
		channel, row, column := i/(h*w), i/w%h, i%w
		if holeRow <= row && row < holeRow+a.Cutout && holeColumn <= column && column < holeColumn+a.Cutout {
			continue
		}
		row, column = reflect(row+top-a.Shift, h), reflect(column+left-a.Shift, w)
		if mirrored {
			column = w - 1 - column
		}
		y[i] = x[(channel*h+row)*w+column]
	}
	return y
}

// reflect returns which of size pixels stands at place i of a row that is padded by reflection. Pixel 0
// is at place 0.
func reflect(i, size int) int {
	if i < 0 {
		return -i
	}
	if i >= size {
		return 2*(size-1) - i
	}
	return i
}
