package modelfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// checksumKey is the metadatum that has the checksum of a file: the SHA-256, in hexadecimal, of the
// whole file with blankChecksum in the place of the checksum. Files of earlier versions have none.
const checksumKey = "wgpucnn_sha256"

// blankChecksum is as long as a checksum.
var blankChecksum = strings.Repeat("0", 2*sha256.Size)

// addChecksum writes the checksum into a file whose metadata have blankChecksum.
func addChecksum(file []byte) {
	// Quotes within a metadatum are escaped, so no other text in the file comes first.
	before := []byte(`"` + checksumKey + `":"`)
	at := bytes.Index(file, append(before, blankChecksum...)) + len(before)
	copy(file[at:], checksumOf(file, at))
}

// checkChecksum returns an error if the metadata have a checksum that is not that of the file, whose
// data begin at byte end.
func checkChecksum(file []byte, end uint64, metadata map[string]string) error {
	want, ok := metadata[checksumKey]
	if !ok {
		return nil
	}
	at := bytes.Index(file[:end], []byte(want))
	if len(want) != len(blankChecksum) || at < 0 || checksumOf(file, at) != want {
		return errors.New("modelfile: the file does not have the checksum that its metadata say: it is damaged, or another program changed it")
	}
	return nil
}

// checksumOf returns the checksum of a file that has its place at a byte.
func checksumOf(file []byte, at int) string {
	sum := sha256.New()
	sum.Write(file[:at])
	sum.Write([]byte(blankChecksum))
	sum.Write(file[at+len(blankChecksum):])
	return hex.EncodeToString(sum.Sum(nil))
}
