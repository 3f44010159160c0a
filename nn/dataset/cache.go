package dataset

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"wgpucnn/nn/durable"
)

// cacheVersion changes whenever a picture would become other pixels, or the cache's files change.
const cacheVersion = "wgpucnn pictures 1"

// cacheTail is room for what stands behind the pixels in a cache.
const cacheTail = 1 << 16

// cacheNote is what a cache says about the pixels, as JSON.
type cacheNote struct {
	Unreadable map[int]string `json:"unreadable"` // why pictures cannot be read, by their indices
	Seconds    float64        `json:"seconds"`    // that decoding took
}

// decoded returns the pixels of the pictures that can be read, and why the others cannot. It takes them
// from the cache if it has them, and fills the cache if not.
//
// A cache is a file: the pixels, a cacheNote, its length in 8 bytes, and the SHA-256 of all this. Its name
// is the hash of the source's path, of the names, sizes and times of the files, of the size of the
// pictures, and of the version. So a picture that changes is decoded anew, if its size or time changes.
func (p *pictures) decoded(ctx context.Context, shots []leaf) ([]byte, map[int]string, error) {
	path := ""
	dir, err := cacheDir(p.options)
	if err == nil {
		path = filepath.Join(dir, "pictures", p.key(shots))
		pixels, note, err := readCache(path, len(shots), p.size)
		if err == nil {
			p.note(shots, note)
			p.reading.Cache, p.reading.Cached = path, true
			return pixels, note.Unreadable, nil
		}
	}
	start := time.Now()
	d, err := decodeAll(ctx, p.tree, shots, p.size, p.options.progress("decode"))
	if err != nil {
		return nil, nil, err
	}
	note := cacheNote{d.unreadable, time.Since(start).Seconds()}
	p.note(shots, note)
	if path != "" && !d.passing && writeCache(path, d.pixels, note) == nil {
		p.reading.Cache = path
	}
	return d.pixels, d.unreadable, nil
}

// note tells about pictures that were decoded.
func (p *pictures) note(shots []leaf, n cacheNote) {
	p.reading.Took = time.Duration(n.Seconds * float64(time.Second))
	for i, s := range shots {
		if reason, bad := n.Unreadable[i]; bad {
			p.reading.Unreadable = append(p.reading.Unreadable, fmt.Sprintf("%q: %s", s.name, reason))
		}
	}
}

// key returns the name of the cache of some pictures.
func (p *pictures) key(shots []leaf) string {
	source, err := filepath.Abs(p.source)
	if err != nil {
		source = p.source
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n%q\n%d\n", cacheVersion, source, p.size)
	for _, s := range shots {
		fmt.Fprintf(hash, "%q %d %d\n", s.name, s.size, s.changed.UnixNano())
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// writeCache writes a cache. Processes that write the same one at a time each write a whole file.
func writeCache(path string, pixels []byte, n cacheNote) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file := append(pixels, text...) // decodeAll left room for a short note
	file = binary.LittleEndian.AppendUint64(file, uint64(len(text)))
	sum := sha256.Sum256(file)
	return durable.Write(path, append(file, sum[:]...))
}

// errCache is the error about a cache that is damaged, or of other pictures.
var errCache = errors.New("dataset: not a cache of these pictures")

// readCache reads the cache of count pictures of size x size.
func readCache(path string, count, size int) ([]byte, cacheNote, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cacheNote{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	const mostReasons = 256 // bytes for a picture
	rowBytes, lengths := channels*size*size, 8+sha256.Size
	if err != nil || info.Size() < int64(lengths) || info.Size() > int64(count)*int64(rowBytes+mostReasons)+cacheTail {
		return nil, cacheNote{}, cmp.Or(err, errCache)
	}
	file := make([]byte, info.Size())
	if _, err := io.ReadFull(f, file); err != nil {
		return nil, cacheNote{}, err
	}
	rest, sum := file[:len(file)-sha256.Size], file[len(file)-sha256.Size:]
	if is := sha256.Sum256(rest); !bytes.Equal(is[:], sum) {
		return nil, cacheNote{}, errCache
	}
	rest, length := rest[:len(rest)-8], binary.LittleEndian.Uint64(rest[len(rest)-8:])
	if length > uint64(len(rest)) {
		return nil, cacheNote{}, errCache
	}
	pixels, text := rest[:len(rest)-int(length)], rest[len(rest)-int(length):]
	var n cacheNote
	if err := json.Unmarshal(text, &n); err != nil {
		return nil, cacheNote{}, err
	}
	for i := range n.Unreadable {
		if i < 0 || i >= count {
			return nil, cacheNote{}, errCache
		}
	}
	if len(pixels) != (count-len(n.Unreadable))*rowBytes {
		return nil, cacheNote{}, errCache
	}
	return slices.Clip(pixels), n, nil
}
