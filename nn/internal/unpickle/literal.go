package unpickle

import (
	"encoding/binary"
	"errors"
	"strconv"
	"unicode/utf8"
)

// literalHead is the number of bytes before the text in what literal returns: the opcode and
// the length.
const literalHead = 5

// literal reads the line of a STRING or a UNICODE, the texts of protocol 0. It returns the
// equivalent BINSTRING or BINUNICODE, because gopickle does not decode such lines.
func (in *input) literal(code byte) (with []byte, err error) {
	if code == 'S' {
		with, err = in.quoted([]byte{'T', 0, 0, 0, 0})
	} else {
		with, err = in.unicode([]byte{'X', 0, 0, 0, 0})
	}
	if err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint32(with[1:], uint32(len(with)-literalHead))
	return with, nil
}

// quoted appends a string that Python 2 has written as repr does: in quotes, with escapes.
func (in *input) quoted(to []byte) ([]byte, error) {
	quote, err := in.byte()
	if err == nil && quote != '\'' && quote != '"' {
		return nil, errors.New("broken pickle: a string without quotes")
	}
	for err == nil {
		var b byte
		switch b, err = in.byte(); {
		case err != nil:
		case b == '\\':
			b, err = in.escaped()
			to = append(to, b)
		case b == '\n':
			err = errors.New("broken pickle: a string without its second quote")
		case b == quote:
			if b, err = in.byte(); err == nil && b != '\n' {
				err = errors.New("broken pickle: a quote within a string")
			}
			return to, err
		default:
			to = append(to, b)
		}
	}
	return nil, err
}

// escaped reads the part of an escape after the backslash, in a string of repr.
func (in *input) escaped() (byte, error) {
	b, err := in.byte()
	if err != nil {
		return 0, err
	}
	switch b {
	case '\\', '\'', '"':
		return b, nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'x':
		r, err := in.hex(2)
		return byte(r), err
	}
	return 0, errors.New("broken pickle: a string with an unknown escape")
}

// unicode appends a text in UTF-8. Its line is in Latin-1. Characters outside Latin-1,
// backslashes and line ends are written as \uXXXX or \UXXXXXXXX.
func (in *input) unicode(to []byte) ([]byte, error) {
	for {
		b, err := in.byte()
		if err != nil {
			return nil, err
		}
		if b == '\n' {
			return to, nil
		}
		r := rune(b)
		if b == '\\' {
			if b, err = in.byte(); err != nil {
				return nil, err
			}
			switch b {
			case 'u':
				r, err = in.hex(4)
			case 'U':
				r, err = in.hex(8)
			default:
				err = errors.New("broken pickle: a text with an unknown escape")
			}
			if err != nil {
				return nil, err
			}
		}
		to = utf8.AppendRune(to, r)
	}
}

// hex reads a number of n hexadecimal digits.
func (in *input) hex(n int) (rune, error) {
	digits := make([]byte, n)
	for i := range digits {
		var err error
		if digits[i], err = in.byte(); err != nil {
			return 0, err
		}
	}
	r, err := strconv.ParseUint(string(digits), 16, 31)
	if err != nil {
		return 0, errors.New("broken pickle: an escape without its digits")
	}
	return rune(r), nil
}
