package unpickle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// input is the file of a pickle, and how much of it is left.
type input struct {
	*bufio.Reader
	size, left int64
}

// errEnd is what a file that ends within its pickle says.
var errEnd = errors.New("truncated, or not a pickle: it ends too early")

// at returns where the next byte stands.
func (in *input) at() int64 { return in.size - in.left }

// byte reads a byte.
func (in *input) byte() (byte, error) {
	b, err := in.ReadByte()
	if err != nil {
		return 0, errEnd
	}
	in.left--
	return b, nil
}

// number reads an integer of n bytes, at most 8.
func (in *input) number(n int) (uint64, error) {
	var bytes [8]byte
	if _, err := io.ReadFull(in, bytes[:n]); err != nil {
		return 0, errEnd
	}
	in.left -= int64(n)
	return binary.LittleEndian.Uint64(bytes[:]), nil
}

// string passes over a string of n bytes.
func (in *input) string(n uint64) (value, error) {
	if n > uint64(in.left) {
		return value{}, errEnd
	}
	v := value{size: int64(n)}
	if n <= maxName {
		name, err := in.Peek(int(n))
		if err != nil {
			return value{}, errEnd
		}
		v = newValue(name)
	}
	if _, err := in.Discard(int(n)); err != nil { // n is at most the file's size
		return value{}, errEnd
	}
	in.left -= v.size
	return v, nil
}

// line reads a name or a number up to the line's end.
func (in *input) line() (string, error) {
	line, err := in.ReadSlice('\n')
	if err != nil { // the file's end, or the buffer's
		return "", errors.New("truncated, or not a pickle: a line without end")
	}
	in.left -= int64(len(line))
	return strings.TrimSuffix(string(line), "\n"), nil
}

// shortLine reads a number up to the line's end.
func (in *input) shortLine() (string, error) {
	const most = 64 // characters
	line, err := in.line()
	if err == nil && len(line) > most {
		err = fmt.Errorf("not a pickle of data: a number of %d characters", len(line))
	}
	return line, err
}
