package unpickle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// input is the file of a pickle, with the number of bytes that are left.
type input struct {
	*bufio.Reader
	size, left int64
}

// errEnd is the error about a file that ends within its pickle.
var errEnd = errors.New("truncated, or not a pickle: it ends too early")

// at returns the offset of the next byte.
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

// string skips a string of n bytes. It keeps the text if the string is short enough to be a
// name.
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

// line reads a name or a number up to the end of the line.
func (in *input) line() (string, error) {
	line, err := in.ReadSlice('\n')
	if err != nil { // the end of the file or of the buffer
		return "", errors.New("truncated, or not a pickle: a line without end")
	}
	in.left -= int64(len(line))
	return strings.TrimSuffix(string(line), "\n"), nil
}

// shortLine reads a number up to the end of the line.
func (in *input) shortLine() (string, error) {
	const limit = 64 // characters
	line, err := in.line()
	if err == nil && len(line) > limit {
		err = fmt.Errorf("not a pickle of data: a number of %d characters", len(line))
	}
	return line, err
}
