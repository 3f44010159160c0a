package unpickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxOpcodes bounds a pickle's length: the published train has a quarter of a
// million opcodes, and 1.9 million at protocol 0 with labels that are numpy's integers.
const maxOpcodes = 1 << 21

// maxStack bounds the values on the stack, and so what a file of a few bytes may take. A
// tuple stands there whole, such as one of the labels of all rows.
const maxStack = 1 << 18

// maxMarks bounds the marks on the stack. Python nests lists no deeper than a thousand, and
// gopickle takes 256 bytes for a mark.
const maxMarks = 1 << 12

// scanner walks over a pickle without building anything. It follows the stack, to know
// what STACK_GLOBAL asks for, what REDUCE calls, and how much a few GETs make of one long
// string.
type scanner struct {
	input
	findClass func(module, name string) (any, error)
	stack     []value
	marks     []int            // how many values lie below each mark
	memo      map[uint32]value // what PUT keeps for GET
	fetched   int64            // bytes of long strings, by GET
	patches   []patch          // in their order
}

// value is what a scanner knows of a value on the stack.
type value struct {
	size  int64  // of a string, in bytes
	name  string // the string itself, if it may be a module's or a class's name
	class bool   // it came from findClass
}

// maxName is the length of the longest string that may be a name.
const maxName = 64

// errShort is what a pickle says that takes more from the stack than is there.
var errShort = errors.New("broken, or not a pickle: too few values on the stack")

// scan returns an error for a pickle of size bytes that holds an opcode or a
// class that has no place in it, or that would take far more memory than it has
// bytes: gopickle believes every length, and puts all that it dislikes into its
// errors. It returns what gopickle must read in place of some opcodes.
func scan(r io.Reader, size int64, findClass func(module, name string) (any, error)) ([]patch, error) {
	s := &scanner{
		input:     input{bufio.NewReaderSize(io.LimitReader(r, size), 1<<16), size, size},
		findClass: findClass,
		memo:      map[uint32]value{},
	}
	for range maxOpcodes {
		at := s.at()
		code, err := s.byte()
		if err != nil {
			return nil, err
		}
		op, ok := opcodes[code]
		if !ok {
			return nil, fmt.Errorf("not a pickle of data: opcode %#02x at byte %d", code, at)
		}
		if code == '.' {
			return s.patches, nil
		}
		with, err := s.step(code, op)
		if err != nil {
			return nil, fmt.Errorf("%w (byte %d)", err, at)
		}
		if with != nil {
			s.patches = append(s.patches, patch{at, s.at(), with})
		}
	}
	return nil, fmt.Errorf("not a pickle of data: more than %d opcodes", maxOpcodes)
}

// step reads an opcode's arguments and changes the stack as the opcode does. It returns
// what gopickle must read in the opcode's place, or nil if the opcode stays.
func (s *scanner) step(code byte, op opcode) (with []byte, err error) {
	number, err := s.number(op.bytes + op.length)
	if err != nil {
		return nil, err
	}
	taken, err := s.take(op)
	if err != nil {
		return nil, err
	}
	var pushed value
	switch code {
	case '(':
		if s.marks = append(s.marks, len(s.stack)); len(s.marks) > maxMarks {
			err = fmt.Errorf("not a pickle of data: more than %d marks on the stack", maxMarks)
		}
	case 'U', 'T', 'X', 0x8c, 0x8d, 'C', 'B', 0x8e, 0x96:
		pushed, err = s.string(number)
	case 'S', 'V':
		if with, err = s.literal(code); err == nil {
			pushed = newValue(with[literalHead:])
		}
	case 0x8a:
		if _, err = s.string(number); number == 0 { // Python 2's 0L, at which gopickle panics
			with = []byte{'K', 0}
		}
	case 'I', 'L', 'F':
		_, err = s.shortLine()
	case 0x95:
		if number > uint64(s.left) {
			return nil, errEnd
		}
		return []byte{}, nil // it says how far to read ahead, which patches change
	case 'q', 'r':
		return nil, s.put(uint32(number))
	case 0x94:
		return nil, s.put(uint32(len(s.memo)))
	case 'p':
		if number, err = s.numeral(); err == nil {
			err = s.put(uint32(number))
		}
	case 'h', 'j':
		pushed, err = s.get(uint32(number))
	case 'g':
		if number, err = s.numeral(); err == nil {
			pushed, err = s.get(uint32(number))
		}
	case 'c':
		pushed, err = s.global()
	case 0x93:
		pushed.class = true
		_, err = s.findClass(taken[0].name, taken[1].name)
	case 'R': // Function returns no long string
		if !taken[0].class {
			err = errors.New("not a pickle of data: it calls what is no function")
		}
	}
	if op.push {
		s.stack = append(s.stack, pushed)
	}
	if err == nil && len(s.stack) > maxStack {
		err = fmt.Errorf("not a pickle of data: more than %d values on the stack", maxStack)
	}
	return with, err
}

// take removes from the stack what an opcode takes, and returns it.
func (s *scanner) take(op opcode) ([]value, error) {
	bottom := len(s.stack) - op.pop
	floor := 0 // which no opcode reaches below
	if n := len(s.marks); n > 0 {
		floor = s.marks[n-1]
		if op.mark {
			bottom = floor
			s.marks = s.marks[:n-1]
		}
	} else if op.mark {
		return nil, errors.New("broken, or not a pickle: no mark on the stack")
	}
	if bottom < floor {
		return nil, errShort
	}
	taken := s.stack[bottom:]
	s.stack = s.stack[:bottom]
	return taken, nil
}

// put keeps the top of the stack in the memo.
func (s *scanner) put(at uint32) error {
	if len(s.stack) == 0 {
		return errShort
	}
	s.memo[at] = s.stack[len(s.stack)-1]
	return nil
}

// get returns a value of the memo.
func (s *scanner) get(at uint32) (value, error) {
	v := s.memo[at]
	if v.size > maxName { // the names of attributes are short, and repeated
		s.fetched += v.size
	}
	if s.fetched > s.size {
		return value{}, errors.New("not a pickle of data: it repeats long strings")
	}
	return v, nil
}

// global reads the two lines of a GLOBAL.
func (s *scanner) global() (value, error) {
	module, err := s.line()
	if err != nil {
		return value{}, err
	}
	name, err := s.line()
	if err != nil {
		return value{}, err
	}
	_, err = s.findClass(module, name)
	return value{class: true}, err
}

// numeral reads a place in the memo up to the line's end.
func (s *scanner) numeral() (uint64, error) {
	line, err := s.shortLine()
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseUint(line, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("broken pickle: %.20q is no place in its memo", line)
	}
	return number, nil
}

// newValue returns what to know of a string.
func newValue(text []byte) value {
	v := value{size: int64(len(text))}
	if len(text) <= maxName {
		v.name = string(text)
	}
	return v
}
