package dataset

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// namesOfLines reads names of classes, one a line.
func namesOfLines(r io.ReadSeeker, size int64) ([]string, error) {
	const most = 1 << 20
	if size > most {
		return nil, fmt.Errorf("%d bytes: want a name of a class on each line, at most %d bytes", size, most)
	}
	var names []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if name := strings.TrimSpace(lines.Text()); name != "" {
			names = append(names, name)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return names, checkNames(names)
}

// binaryRows returns the function that reads records. A record is before bytes, the label, and a row.
func binaryRows(before int) func(r io.ReadSeeker, size int64, p picker) (Images, error) {
	return func(r io.ReadSeeker, size int64, p picker) (Images, error) {
		record := make([]byte, before+1+rowSize)
		if size%int64(len(record)) != 0 || size > maxPickle {
			return Images{}, fmt.Errorf("%d bytes: want a multiple of %d, at most %d", size, len(record), maxPickle)
		}
		images := Images{Height: side, Width: side, Channels: channels}
		file := bufio.NewReaderSize(r, 1<<16)
		for row := range size / int64(len(record)) {
			if _, err := io.ReadFull(file, record); err != nil {
				return Images{}, err
			}
			label, ok, err := p.of(int(row), int(record[before]))
			if err != nil {
				return Images{}, err
			}
			if ok {
				images.Labels = append(images.Labels, label)
				images.Pixels = append(images.Pixels, record[before+1:]...)
			}
		}
		return images, nil
	}
}
