package dataset

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
)

// The bounds of a pickle that is read: the published train has 155 MB and a
// quarter of a million opcodes.
const (
	maxPickle  = 1 << 28
	maxOpcodes = 1 << 21
)

// unpickle reads a pickle of size bytes. Python's pickles are programs; this
// one may build lists, dicts, tuples, strings, numbers and numpy arrays, and
// nothing else.
func unpickle(file io.ReadSeeker, size int64) (value any, err error) {
	if size > maxPickle {
		return nil, fmt.Errorf("%d bytes: want at most %d", size, maxPickle)
	}
	if err := scan(bufio.NewReaderSize(file, 1<<16), size); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	defer func() { // the library panics at some broken pickles
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("broken pickle: %v", p)
		}
	}()
	unpickler := pickle.NewUnpickler(bufio.NewReaderSize(file, 1<<16))
	unpickler.FindClass = findClass
	value, err = unpickler.Load()
	if err != nil {
		return nil, fmt.Errorf("broken pickle: %s", strings.Join(strings.Fields(err.Error()), " "))
	}
	return value, nil
}

// arguments says what follows an opcode: so many bytes, or a length of so many
// bytes and then as many bytes as it says, or lines.
type arguments struct{ bytes, length, lines int }

// opcodes are those that pickles of dicts, lists and numpy arrays are made of.
var opcodes = map[byte]arguments{
	0x80: {bytes: 1}, 0x95: {bytes: 8}, '.': {}, // PROTO, FRAME, STOP
	'(': {}, 't': {}, ')': {}, 0x85: {}, 0x86: {}, 0x87: {}, // MARK, TUPLE, EMPTY_TUPLE, TUPLE1, 2, 3
	'}': {}, 's': {}, 'u': {}, ']': {}, 'a': {}, 'e': {}, // EMPTY_DICT, SETITEM, SETITEMS, EMPTY_LIST, APPEND, APPENDS
	'N': {}, 0x88: {}, 0x89: {}, // NONE, NEWTRUE, NEWFALSE
	'K': {bytes: 1}, 'M': {bytes: 2}, 'J': {bytes: 4}, 0x8a: {length: 1}, 'G': {bytes: 8}, // BININT1, BININT2, BININT, LONG1, BINFLOAT
	'U': {length: 1}, 'T': {length: 4}, // SHORT_BINSTRING, BINSTRING
	'X': {length: 4}, 0x8c: {length: 1}, 0x8d: {length: 8}, // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8
	'C': {length: 1}, 'B': {length: 4}, 0x8e: {length: 8}, // SHORT_BINBYTES, BINBYTES, BINBYTES8
	'q': {bytes: 1}, 'r': {bytes: 4}, 0x94: {}, 'h': {bytes: 1}, 'j': {bytes: 4}, // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
	'c': {lines: 2}, 0x93: {}, 'R': {}, 'b': {}, // GLOBAL, STACK_GLOBAL, REDUCE, BUILD
}

// scan walks over a pickle of size bytes without building anything, and returns
// an error for an opcode that has no place in it, or a length beyond its end.
func scan(r *bufio.Reader, size int64) error {
	left := size
	skip := func(n uint64) error {
		if n > uint64(left) {
			return errors.New("truncated, or not a pickle: a length goes beyond the file's end")
		}
		_, err := r.Discard(int(n)) // at most maxPickle
		left -= int64(n)
		return err
	}
	for range maxOpcodes {
		op, err := r.ReadByte()
		if err != nil {
			return errors.New("truncated, or not a pickle: it has no end")
		}
		left--
		args, ok := opcodes[op]
		if !ok {
			return fmt.Errorf("not a pickle of CIFAR-100's kind: opcode %#02x at byte %d", op, size-left-1)
		}
		if op == '.' {
			return nil
		}
		if op == 0x95 { // the frame's contents follow as opcodes
			frame, err := r.Peek(8)
			if err == nil && binary.LittleEndian.Uint64(frame) > uint64(left) {
				return skip(uint64(left) + 1)
			}
		}
		if args.length > 0 {
			var buffer [8]byte
			if _, err := io.ReadFull(r, buffer[:args.length]); err != nil {
				return errors.New("truncated, or not a pickle")
			}
			left -= int64(args.length)
			if err := skip(binary.LittleEndian.Uint64(buffer[:])); err != nil {
				return err
			}
		}
		if err := skip(uint64(args.bytes)); err != nil {
			return err
		}
		for range args.lines {
			line, err := r.ReadSlice('\n') // at most the buffer's size
			if err != nil {
				return errors.New("truncated, or not a pickle: a name without end")
			}
			left -= int64(len(line))
		}
	}
	return fmt.Errorf("not a pickle of CIFAR-100's kind: more than %d opcodes", maxOpcodes)
}
