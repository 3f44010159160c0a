package main

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

// stdinName is the argument that means standard input.
const stdinName = "-"

// stdin is standard input. Tests have another.
var stdin io.Reader = os.Stdin

// extensions are those of the files that are taken out of a folder.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif"}

// listImages returns the names of the images that arguments stand for: a folder for those
// in it, in their order. It counts what it skips there. That a file is there shows when it
// is opened.
func listImages(args []string) (names []string, skipped int, err error) {
	for _, arg := range args {
		if info, err := os.Stat(arg); arg == stdinName || err != nil || !info.IsDir() {
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
			if file && slices.Contains(extensions, strings.ToLower(filepath.Ext(entry.Name()))) {
				names = append(names, filepath.Join(arg, entry.Name()))
			} else {
				skipped++
			}
		}
		if len(names) == before {
			return nil, 0, fmt.Errorf("predict: %s: no image in this folder: want files named %s", arg, strings.Join(extensions, ", "))
		}
	}
	return names, skipped, nil
}

// decoded is an image, or why it is none.
type decoded struct {
	name string
	picture.Picture
	err error
}

// decodeAhead decodes images of so many names in their order, several at a time and ahead
// of the receiver, until ctx is done.
func decodeAhead(ctx context.Context, names []string, in nn.Shape) <-chan chan decoded {
	queue := make(chan chan decoded, 2*batchSize)
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	input := stdin
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
				one <- decodeImage(name, input, in)
				<-free
			}()
		}
	}()
	return queue
}

// decodeImage decodes a file, or the input where its name means that.
func decodeImage(name string, input io.Reader, in nn.Shape) decoded {
	if name != stdinName {
		p, err := picture.Load(name, in)
		return decoded{name, p, err}
	}
	p, err := picture.Decode(input, in)
	if err != nil {
		err = fmt.Errorf("standard input: %w", err)
	}
	return decoded{name, p, err}
}
