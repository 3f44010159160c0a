package unpickle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxOpcodes bounds a pickle's length: the published train has a quarter of a
// million opcodes.
const maxOpcodes = 1 << 21

// arguments says what follows an opcode: so many bytes, or a length of so many
// bytes and then as many bytes as it says, or lines.
type arguments struct{ bytes, length, lines int }

// opcodes are those that pickles of dicts, lists, arrays, tensors and objects are made of.
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
	'c': {lines: 2}, 0x93: {}, 'R': {}, 'b': {}, 'Q': {}, // GLOBAL, STACK_GLOBAL, REDUCE, BUILD, BINPERSID
	0x81: {}, 0x92: {}, 0x8f: {}, 0x90: {}, 0x91: {}, // NEWOBJ, NEWOBJ_EX, EMPTY_SET, ADDITEMS, FROZENSET
	'0': {}, '1': {}, // POP, POP_MARK
}

// marked are the opcodes that take all down to the last MARK from the stack.
const marked = "tue1\x90\x91"

// maxMarks bounds the MARKs that are open at a time. gopickle makes a stack for each, and
// Python's own pickler ends at a thousand nested values.
const maxMarks = 1000

// scanner walks over a pickle without building anything. Besides the bytes that
// are left it follows the strings on the stack, no further than it takes to see
// what STACK_GLOBAL asks for, and how much a few GETs make of one long string.
type scanner struct {
	*bufio.Reader
	findClass  func(module, name string) (any, error)
	size, left int64
	top, below text            // of the stack
	memo       map[uint32]text // what PUT keeps for GET
	longest    int64           // string so far
	fetched    int64           // bytes of long strings, by GET
	marks      int             // that are open
}

// text is a string on the stack, or nothing known.
type text struct {
	size int64
	name string // the string itself, if it may be a module's or a class's name
}

// maxName is the length of the longest string that may be a name.
const maxName = 64

// errEnd is what a file that ends within its pickle says.
var errEnd = errors.New("truncated, or not a pickle: it ends too early")

// scan returns an error for a pickle of size bytes that holds an opcode or a
// class that has no place in it, or that would take far more memory than it has
// bytes: gopickle believes every length, and puts all that it dislikes into its
// errors.
func scan(r io.Reader, size int64, findClass func(module, name string) (any, error)) error {
	s := &scanner{Reader: bufio.NewReaderSize(io.LimitReader(r, size), 1<<16), findClass: findClass, size: size, left: size, memo: map[uint32]text{}}
	for range maxOpcodes {
		at := size - s.left
		op, err := s.ReadByte()
		if err != nil {
			return errEnd
		}
		s.left--
		args, ok := opcodes[op]
		if !ok {
			return fmt.Errorf("not a pickle of data: opcode %#02x at byte %d", op, at)
		}
		if op == '.' {
			return nil
		}
		if err := s.step(op, args); err != nil {
			return fmt.Errorf("%w (byte %d)", err, at)
		}
	}
	return fmt.Errorf("not a pickle of data: more than %d opcodes", maxOpcodes)
}

// step takes an opcode's arguments and follows what it does to the strings.
func (s *scanner) step(op byte, args arguments) error {
	number, err := s.number(args.bytes + args.length)
	if err != nil {
		return err
	}
	switch {
	case op == '(':
		if s.marks++; s.marks > maxMarks {
			return fmt.Errorf("not a pickle of data: more than %d nested values", maxMarks)
		}
	case strings.IndexByte(marked, op) >= 0 && s.marks > 0:
		s.marks--
	}
	switch op {
	case 'U', 'T', 'X', 0x8c, 0x8d, 'C', 'B', 0x8e:
		pushed, err := s.string(number)
		s.push(pushed)
		return err
	case 0x8a:
		_, err = s.string(number)
	case 0x80:
		return nil
	case 0x95: // whose contents follow as opcodes
		if number > uint64(s.left) {
			return errEnd
		}
		return nil
	case 'q', 'r':
		s.memo[uint32(number)] = s.top
		return nil
	case 0x94:
		s.memo[uint32(len(s.memo))] = s.top
		return nil
	case 'h', 'j':
		s.push(s.memo[uint32(number)])
		if s.top.size > maxName { // the attributes of objects are short, and repeated
			s.fetched += s.top.size
		}
		if s.fetched > s.size {
			return errors.New("not a pickle of data: it repeats long strings")
		}
		return nil
	case 'c':
		var module, name string
		if module, err = s.line(); err == nil {
			if name, err = s.line(); err == nil {
				_, err = s.findClass(module, name)
			}
		}
	case 0x93:
		_, err = s.findClass(s.below.name, s.top.name)
	}
	s.top, s.below = text{}, text{}
	if strings.IndexByte("Rb01", op) >= 0 { // which may leave any string there
		s.top.size = s.longest
	}
	return err
}

func (s *scanner) push(t text) { s.top, s.below = t, s.top }

// number reads an integer of n bytes, at most 8.
func (s *scanner) number(n int) (uint64, error) {
	var bytes [8]byte
	if _, err := io.ReadFull(s, bytes[:n]); err != nil {
		return 0, errEnd
	}
	s.left -= int64(n)
	return binary.LittleEndian.Uint64(bytes[:]), nil
}

// string passes over a string of n bytes.
func (s *scanner) string(n uint64) (text, error) {
	if n > uint64(s.left) {
		return text{}, errEnd
	}
	t := text{size: int64(n)}
	s.longest = max(s.longest, t.size)
	if n <= maxName {
		name, err := s.Peek(int(n))
		if err != nil {
			return text{}, errEnd
		}
		t.name = string(name)
	}
	if _, err := s.Discard(int(n)); err != nil { // n is at most the file's size
		return text{}, errEnd
	}
	s.left -= t.size
	return t, nil
}

// line reads a name up to the line's end.
func (s *scanner) line() (string, error) {
	line, err := s.ReadSlice('\n')
	if err != nil { // the file's end, or the buffer's
		return "", errors.New("truncated, or not a pickle: a name without end")
	}
	s.left -= int64(len(line))
	return strings.TrimSuffix(string(line), "\n"), nil
}
