package output

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/signals"
)

// failing is a file whose writes fail one after another, and then its close.
type failing struct{ errs []error }

func (f *failing) Write([]byte) (int, error) { return 0, f.Close() }

func (f *failing) Close() error {
	err := f.errs[0]
	f.errs = f.errs[1:]
	return err
}

// Close returns the first error of the stream, without the path of the device. The stream tells at once
// that the reader has gone.
func TestStream(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	broken := &fs.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
	for _, c := range []struct {
		errs []error
		want string
		gone bool
	}{
		{[]error{nil, nil}, "", false},
		{[]error{full, syscall.EIO}, "standard output: no space left on device", false},
		{[]error{nil, syscall.EIO}, "standard output: input/output error", false},
		{[]error{broken, nil}, "standard output: broken pipe", true},
	} {
		var gone error
		s := New("standard output", &failing{c.errs}, func(cause error) { gone = cause })
		s.Write([]byte("text"))
		if errors.Is(gone, signals.Pipe) != c.gone {
			t.Errorf("%v: gone by %v", c.errs, gone)
		}
		if err := s.Close(); (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("%v: got %v, want %q", c.errs, err, c.want)
		}
	}
}
