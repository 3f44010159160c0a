package unpickle

// opcode describes the arguments of an opcode, unless they are lines, and its effect on the
// stack.
type opcode struct {
	bytes  int  // size of its argument
	length int  // size of a number that tells how many bytes follow it
	mark   bool // whether it pops all values down to the last mark, and the mark
	pop    int  // how many values it pops
	push   bool // whether it pushes a value
}

// opcodes are the opcodes, of all protocols, that occur in pickles of dicts, lists, arrays,
// tensors and objects.
var opcodes = map[byte]opcode{
	0x80: {bytes: 1}, // PROTO
	0x95: {bytes: 8}, // FRAME
	'.':  {},         // STOP

	'(':  {},                       // MARK
	't':  {mark: true, push: true}, // TUPLE
	')':  {push: true},             // EMPTY_TUPLE
	0x85: {pop: 1, push: true},     // TUPLE1
	0x86: {pop: 2, push: true},     // TUPLE2
	0x87: {pop: 3, push: true},     // TUPLE3
	']':  {push: true},             // EMPTY_LIST
	'l':  {mark: true, push: true}, // LIST
	'a':  {pop: 1},                 // APPEND
	'e':  {mark: true},             // APPENDS
	'}':  {push: true},             // EMPTY_DICT
	'd':  {mark: true, push: true}, // DICT
	's':  {pop: 2},                 // SETITEM
	'u':  {mark: true},             // SETITEMS
	0x8f: {push: true},             // EMPTY_SET
	0x90: {mark: true},             // ADDITEMS
	0x91: {mark: true, push: true}, // FROZENSET
	'0':  {pop: 1},                 // POP
	'1':  {mark: true},             // POP_MARK

	'N':  {push: true},            // NONE
	0x88: {push: true},            // NEWTRUE
	0x89: {push: true},            // NEWFALSE
	'K':  {bytes: 1, push: true},  // BININT1
	'M':  {bytes: 2, push: true},  // BININT2
	'J':  {bytes: 4, push: true},  // BININT
	'I':  {push: true},            // INT: a line
	0x8a: {length: 1, push: true}, // LONG1
	'L':  {push: true},            // LONG: a line
	'G':  {bytes: 8, push: true},  // BINFLOAT
	'F':  {push: true},            // FLOAT: a line

	'U':  {length: 1, push: true}, // SHORT_BINSTRING
	'T':  {length: 4, push: true}, // BINSTRING
	'S':  {push: true},            // STRING: a line
	0x8c: {length: 1, push: true}, // SHORT_BINUNICODE
	'X':  {length: 4, push: true}, // BINUNICODE
	0x8d: {length: 8, push: true}, // BINUNICODE8
	'V':  {push: true},            // UNICODE: a line
	'C':  {length: 1, push: true}, // SHORT_BINBYTES
	'B':  {length: 4, push: true}, // BINBYTES
	0x8e: {length: 8, push: true}, // BINBYTES8
	0x96: {length: 8, push: true}, // BYTEARRAY8

	'q':  {bytes: 1},             // BINPUT
	'r':  {bytes: 4},             // LONG_BINPUT
	'p':  {},                     // PUT: a line
	0x94: {},                     // MEMOIZE
	'h':  {bytes: 1, push: true}, // BINGET
	'j':  {bytes: 4, push: true}, // LONG_BINGET
	'g':  {push: true},           // GET: a line

	'c':  {push: true},         // GLOBAL: two lines
	0x93: {pop: 2, push: true}, // STACK_GLOBAL
	'R':  {pop: 2, push: true}, // REDUCE
	0x81: {pop: 2, push: true}, // NEWOBJ
	0x92: {pop: 3, push: true}, // NEWOBJ_EX
	'b':  {pop: 1},             // BUILD
	'Q':  {pop: 1, push: true}, // BINPERSID
}
