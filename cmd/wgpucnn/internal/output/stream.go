// Package output writes to standard output and standard error, and remembers what went wrong.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"

	"wgpucnn/cmd/wgpucnn/internal/signals"
)

// Stream is standard output or standard error. Few callers look at the error of a write, so
// the stream remembers the first one for the end of the program.
type Stream struct {
	name string
	to   io.Writer
	gone func(cause error)

	mu  sync.Mutex
	err error // the first error of writing
}

// New returns a stream that writes to another writer. It calls gone with a signals.Caught in the
// error when the reader of a pipe has gone.
func New(name string, to io.Writer, gone func(cause error)) *Stream {
	return &Stream{name: name, to: to, gone: gone}
}

func (s *Stream) Write(data []byte) (int, error) {
	n, err := s.to.Write(data)
	return n, s.note(err)
}

// Fd returns the descriptor that the stream writes to. For a writer without a descriptor it
// returns one that is never open.
func (s *Stream) Fd() uintptr {
	if f, ok := s.to.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// Close closes what can be closed, since some file systems tell of a full disk only then. It
// returns the first error of the stream.
func (s *Stream) Close() error {
	if c, ok := s.to.(io.Closer); ok {
		s.note(c.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// note returns an error of the file as one of the stream, and remembers the first one.
func (s *Stream) note(err error) error {
	if err == nil {
		return nil
	}
	var path *fs.PathError
	switch {
	case errors.Is(err, syscall.EPIPE):
		err = signals.Pipe
	case errors.As(err, &path):
		err = path.Err // the path is /dev/stdout: the user named no such file
	}
	err = fmt.Errorf("%s: %w", s.name, err)
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	if errors.Is(err, signals.Pipe) {
		s.gone(err)
	}
	return err
}
