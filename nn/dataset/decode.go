package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"wgpucnn/nn/internal/raster"
)

// maxPicture is the largest file of a picture, in bytes.
const maxPicture = 128 << 20

// decoding is what came of pictures.
type decoding struct {
	pixels     []byte         // of those that can be read, one picture after another
	unreadable map[int]string // why the others cannot, by their indices
	passing    bool           // a file could not be read at all, which may pass: a cache would keep it
}

// decodeAll decodes pictures to squares, several at a time. The files are read in the order of the tree.
func decodeAll(ctx context.Context, t tree, shots []leaf, size int, progress func(done, total int64)) (decoding, error) {
	rowBytes := channels * size * size
	pixels := make([]byte, len(shots)*rowBytes, len(shots)*rowBytes+cacheTail)
	index := make(map[string]int, len(shots))
	var done, total int64
	for i, s := range shots {
		index[s.name] = i
		total += s.size
	}
	var guard sync.Mutex
	d := decoding{unreadable: make(map[int]string)}
	fail := func(i int, err error) {
		guard.Lock()
		defer guard.Unlock()
		d.unreadable[i] = fmt.Sprintf("%.200s", err)
	}
	type job struct {
		i    int
		data []byte
	}
	jobs := make(chan job) // without a buffer: a file in it would take memory
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for j := range jobs {
				p, err := raster.Decode(bytes.NewReader(j.data), size, size, channels)
				if err != nil {
					fail(j.i, err)
					continue
				}
				copy(pixels[j.i*rowBytes:], p.Pixels)
			}
		})
	}
	err := walk(ctx, t, func(f leaf) error {
		i, wanted := index[f.name]
		if !wanted || f.open == nil {
			return nil
		}
		delete(index, f.name)
		data, err := readPicture(f)
		if err != nil {
			d.passing = true
			fail(i, err)
		} else {
			jobs <- job{i, data}
		}
		done += f.size
		progress(done, total)
		return nil
	})
	close(jobs)
	workers.Wait()
	if err != nil {
		return decoding{}, err
	}
	for _, i := range index {
		d.passing = true
		fail(i, errors.New("the file is gone"))
	}
	kept := 0
	for i := range shots {
		if _, bad := d.unreadable[i]; !bad {
			copy(pixels[kept*rowBytes:], pixels[i*rowBytes:(i+1)*rowBytes])
			kept++
		}
	}
	d.pixels = pixels[:kept*rowBytes]
	return d, nil
}

// readPicture brings a file into memory.
func readPicture(f leaf) ([]byte, error) {
	r, err := f.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxPicture+1))
	if err == nil && len(data) > maxPicture {
		err = fmt.Errorf("more than %d MB", maxPicture/1_000_000)
	}
	return data, err
}
