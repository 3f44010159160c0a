//go:build !js

package host

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// A large copy is shared by several goroutines. None leaves out a byte or writes beside its share.
func TestTransfer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 4, copyShare - 1, 2*copyShare + 1, 3*copyShare + 5, 4*copyShare + 3, 9*copyShare - 1} {
		src, dst := make([]byte, size), make([]byte, size+1)
		for i := range src {
			src[i] = byte(1 + random.IntN(255))
		}
		if transfer(dst[:size], src); !bytes.Equal(dst[:size], src) || dst[size] != 0 {
			t.Errorf("%d bytes: not copied", size)
		}
	}
}
