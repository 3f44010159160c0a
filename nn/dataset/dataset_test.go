package dataset

import (
	"bytes"
	"testing"
)

// The planes of an image become its pixels.
func TestAppendInterleaved(t *testing.T) {
	images := Images{Height: 1, Width: 2, Channels: 3, Labels: []uint32{0, 0}, Pixels: []byte{0, 0, 0, 0, 0, 0, 1, 2, 11, 12, 21, 22}}
	if got, want := images.AppendInterleaved([]byte{99}, 1), []byte{99, 1, 11, 21, 2, 12, 22}; !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
