package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
)

// The images are the same on every machine, to the last bit.
func TestBuiltin(t *testing.T) {
	d := builtin()
	for name, c := range map[string]struct {
		images Images
		each   int
		hash   string
	}{
		"train": {d.Train, 500, "e323d8aaca6c69f420bb9178674fc1585b7bc5fbebb3578c2a3b23c75495272a"},
		"test":  {d.Test, 100, "f2f1471073f970149eb3a8fd5bac6a6def44561175f8b0e4c99322beb57718df"},
	} {
		if got := c.images.Counts(3); !slices.Equal(got, []int{c.each, c.each, c.each}) {
			t.Errorf("%s: got %v images by class, want %d each", name, got, c.each)
		}
		if got := len(c.images.Pixels); got != 3*c.each*rowSize {
			t.Errorf("%s: got %d bytes", name, got)
		}
		hash := sha256.New()
		for row := range c.images.Len() {
			hash.Write(c.images.AppendInterleaved(nil, row))
		}
		binary.Write(hash, binary.LittleEndian, c.images.Labels)
		if got := fmt.Sprintf("%x", hash.Sum(nil)); got != c.hash {
			t.Errorf("%s: SHA-256: got %s, want %s", name, got, c.hash)
		}
	}
}

// No image occurs twice, in one set or in both.
func TestBuiltinPicturesDiffer(t *testing.T) {
	d := builtin()
	seen := map[string]bool{}
	for _, images := range []Images{d.Train, d.Test} {
		for row := range images.Len() {
			picture := string(images.Pixels[row*rowSize : (row+1)*rowSize])
			if seen[picture] {
				t.Errorf("image %d occurs twice", row)
			}
			seen[picture] = true
		}
	}
}
