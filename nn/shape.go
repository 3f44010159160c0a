package nn

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrShape is wrapped by every error about a tensor whose shape does not fit.
var ErrShape = errors.New("shape mismatch")

// Shape is the shape of one example, without the batch dimension: (H, W, C)
// for an image as it is stored, (C, H, W) for the maps between layers and (F)
// for a feature vector.
type Shape []int

// Size returns the number of elements.
func (s Shape) Size() int {
	size := 1
	for _, d := range s {
		size *= d
	}
	return size
}

// String returns the shape as "(32, 8, 8)".
func (s Shape) String() string {
	dims := make([]string, len(s))
	for i, d := range s {
		dims[i] = strconv.Itoa(d)
	}
	return "(" + strings.Join(dims, ", ") + ")"
}

// maps takes s apart as (C, H, W).
func (s Shape) maps(layer fmt.Stringer) (c, h, w int, err error) {
	if len(s) != 3 {
		return 0, 0, 0, fmt.Errorf("nn: %v: input %v: want (channels, height, width): %w", layer, s, ErrShape)
	}
	return s[0], s[1], s[2], nil
}
