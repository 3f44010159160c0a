package modelfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"wgpucnn/testdata/hostile"
)

// A flipped bit is an error in one line, wherever it is in a file. Only in the name of the checksum it
// makes a file without one, whose contents are right.
func TestChecksum(t *testing.T) {
	model, checkpoint := trained(t), halfway(t)
	for name, c := range map[string]struct {
		marshal func() ([]byte, error)
		read    func([]byte) (any, error)
	}{
		"model":      {model.Marshal, func(file []byte) (any, error) { return Unmarshal(file) }},
		"checkpoint": {checkpoint.Marshal, func(file []byte) (any, error) { return UnmarshalCheckpoint(file) }},
	} {
		file, err := c.marshal()
		if err != nil {
			t.Fatal(err)
		}
		whole, err := c.read(file)
		if err != nil {
			t.Fatal(err)
		}
		key := bytes.Index(file, []byte(checksumKey))
		for i := range file {
			damaged := bytes.Clone(file)
			damaged[i] ^= 1 << (i % 8)
			got, err := c.read(damaged)
			switch {
			case err != nil:
				hostile.OneLine(t, err)
			case i < key || i >= key+len(checksumKey) || !reflect.DeepEqual(got, whole):
				t.Errorf("%s: read with bit %d of byte %d of %d flipped", name, i%8, i, len(file))
			}
		}
	}
}

// Another program can compute the checksum.
func TestChecksumOfOthers(t *testing.T) {
	model := trained(t)
	model.ClassNames[0] = blankChecksum // which is not its place
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(file), `"wgpucnn_sha256":"`)
	sum := rest[:64]
	blank := sha256.Sum256([]byte(strings.Replace(string(file), sum, blankChecksum, 1)))
	if want := hex.EncodeToString(blank[:]); sum != want {
		t.Errorf("got %s, want %s", sum, want)
	}
}
