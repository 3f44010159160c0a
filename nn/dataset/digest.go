package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// SHA256 returns the digest in hexadecimal of everything that a training uses: the names of the
// classes, and the shape, pixels and labels of both sets. The pixels are interleaved, as they were
// when the first runs wrote their digests.
func (d *Dataset) SHA256() string {
	hash := sha256.New()
	number := func(n int) { hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(n))) }
	number(len(d.Classes))
	for _, name := range d.Classes {
		number(len(name))
		hash.Write([]byte(name))
	}
	var pixels []byte
	for _, images := range []Images{d.Train, d.Test} {
		for _, n := range []int{images.Len(), images.Height, images.Width, images.Channels} {
			number(n)
		}
		for row := range images.Len() {
			pixels = images.AppendInterleaved(pixels[:0], row)
			hash.Write(pixels)
		}
		for _, label := range images.Labels {
			number(int(label))
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}
