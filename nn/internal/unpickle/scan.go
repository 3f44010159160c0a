package unpickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxOpcodes is the largest number of opcodes. The published train has a quarter of a million,
// and 1.9 million at protocol 0 with numpy's integers as labels.
const maxOpcodes = 1 << 21

// maxStack is the largest number of values on the stack. It bounds the memory that a file of a
// few bytes can take. A tuple, for example of all labels, lies on the stack as a whole while it
// is built.
const maxStack = 1 << 18

// maxMarks is the largest number of marks on the stack. Python nests lists at most a thousand
// deep, and gopickle takes 256 bytes for a mark.
const maxMarks = 1 << 12

// scanner reads a pickle without building anything. It follows the stack to know what
// STACK_GLOBAL names, what REDUCE calls, and how many bytes GETs of long strings produce.
type scanner struct {
	input
	findClass func(module, name string) (any, error)
	stack     []value
	marks     []int            // the number of values below each mark
	memo      map[uint32]value // the values that PUT stores for GET
	fetched   int64            // bytes of the long strings that GET has pushed
	patches   []patch          // in the order of the file
}

// value is what a scanner knows about a value on the stack.
type value struct {
	size  int64  // of a string, in bytes
	name  string // the string itself, if it may be a module's or a class's name
	class bool   // whether it came from findClass
}

// maxName is the length of the longest string that may be a name.
const maxName = 64

// errShort is the error about an opcode that pops more values than the stack has.
var errShort = errors.New("broken, or not a pickle: too few values on the stack")

// scan returns an error for a pickle of size bytes that contains a forbidden opcode or class,
// or that would take far more memory than size. gopickle does not check: it believes every
// length, and puts whole values into its errors. scan also returns the patches that gopickle
// needs.
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

// step reads an opcode's arguments and updates the stack. It returns the bytes that replace the
// opcode, or nil if the opcode stays.
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
		if _, err = s.string(number); number == 0 { // gopickle panics at Python 2's 0L
			with = []byte{'K', 0}
		}
	case 'I', 'L', 'F':
		_, err = s.shortLine()
	case 0x95:
		if number > uint64(s.left) {
			return nil, errEnd
		}
		return []byte{}, nil // patches change the length of a frame, so remove the opcode
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
	case 'R': // a Function never returns a long string
		if !taken[0].class {
			err = errors.New("not a pickle of data: it calls a value that is not a function")
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

// take pops the values that an opcode takes.
func (s *scanner) take(op opcode) ([]value, error) {
	bottom := len(s.stack) - op.pop
	floor := 0 // no opcode pops below the last mark
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

// put stores the top of the stack in the memo.
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
	if v.size > maxName { // short strings may repeat: names of attributes do
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

// numeral reads an index of the memo up to the end of the line.
func (s *scanner) numeral() (uint64, error) {
	line, err := s.shortLine()
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseUint(line, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("broken pickle: %.20q is not an index of its memo", line)
	}
	return number, nil
}

// newValue returns what a scanner keeps of a string.
func newValue(text []byte) value {
	v := value{size: int64(len(text))}
	if len(text) <= maxName {
		v.name = string(text)
	}
	return v
}
