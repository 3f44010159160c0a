package classify

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"wgpucnn/nn"
	"wgpucnn/nn/picture"
)

// StdinName is the argument that means standard input.
const StdinName = "-"

// List returns the names of the images that arguments stand for. A folder stands for the images in
// it, in the order of their names. List counts what it skips in folders. It does not look whether a
// file is there.
func List(args []string) (names []string, skipped int, err error) {
	for _, arg := range args {
		if info, err := os.Stat(arg); arg == StdinName || err != nil || !info.IsDir() {
			names = append(names, arg)
			continue
		}
		entries, err := os.ReadDir(arg)
		if err != nil {
			return nil, 0, fmt.Errorf("predict: %w", err)
		}
		before := len(names)
		for _, entry := range entries {
			file := entry.Type()&^os.ModeSymlink == 0
			if file && slices.Contains(picture.Extensions, strings.ToLower(filepath.Ext(entry.Name()))) {
				names = append(names, filepath.Join(arg, entry.Name()))
			} else {
				skipped++
			}
		}
		if len(names) == before {
			return nil, 0, fmt.Errorf("predict: %s: no image in this folder: want files named %s", arg, strings.Join(picture.Extensions, ", "))
		}
	}
	return names, skipped, nil
}

// decoded is an image, or the reason why there is none.
type decoded struct {
	name string
	picture.Picture
	err error
}

// decodeAhead decodes the images of some names in their order until ctx is done. It decodes several
// at a time and ahead of the receiver.
func decodeAhead(ctx context.Context, names []string, stdin io.Reader, in nn.Shape) <-chan chan decoded {
	queue := make(chan chan decoded, 2*BatchSize)
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	go func() {
		defer close(queue)
		for _, name := range names {
			one := make(chan decoded, 1)
			select {
			case queue <- one:
			case <-ctx.Done():
				return
			}
			free <- struct{}{}
			go func() {
				one <- decode(name, stdin, in)
				<-free
			}()
		}
	}()
	return queue
}

// decode decodes a file, or standard input if the name means that.
func decode(name string, stdin io.Reader, in nn.Shape) decoded {
	if name != StdinName {
		p, err := picture.Load(name, in)
		return decoded{name, p, err}
	}
	p, err := picture.Decode(stdin, in)
	if err != nil {
		err = fmt.Errorf("standard input: %w", err)
	}
	return decoded{name, p, err}
}
