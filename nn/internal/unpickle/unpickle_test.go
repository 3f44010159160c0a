package unpickle

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nlpodyssey/gopickle/types"
)

func load(pickle string, names Names) (any, error) {
	return Load(strings.NewReader(pickle), int64(len(pickle)), names)
}

// A pickle gets what its caller offers for a name, and nothing else.
func TestLoad(t *testing.T) {
	sum := Function(func(args ...any) (any, error) { return args[0].(int) + args[1].(int), nil })
	names := Names{
		Class: func(module, name string) (any, error) {
			if module != "a" || name != "sum" {
				return nil, fmt.Errorf("no %s.%s", module, name)
			}
			return sum, nil
		},
		Object: func(id any) (any, error) { return fmt.Sprint("object ", id), nil },
	}
	want := types.NewTupleFromSlice([]any{5, "object 7"})
	if got, err := load("\x80\x02ca\nsum\nK\x02K\x03\x86RK\x07Q\x86.", names); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	// Short strings may repeat, as names of attributes do. Closed marks do not count.
	short := "\x80\x02(X\x03\x00\x00\x00abcq\x00" + strings.Repeat("h\x00", 40) + strings.Repeat("(t", 4097) + "t."
	if got, err := load(short, names); err != nil || got.(*types.Tuple).Len() != 4138 {
		t.Errorf("short strings: got %v, %v", got, err)
	}
	for pickle, want := range map[string]string{
		"\x80\x02ca\nproduct\n.":                "no a.product (byte 2)",
		"\x80\x02ccollections\nOrderedDict\n.":  "no collections.OrderedDict (byte 2)",
		"\x80\x04\x8c\x02os\x8c\x06system\x93.": "no os.system (byte 14)",
		"\x80\x02ca\nsum\n)R.":                  "broken pickle: runtime error: index out of range",
		"\x80\x02X\xff\xff\xff\xff.":            "it ends too early (byte 2)",
		"\x80\x02\x82\x01.":                     "not a pickle of data: opcode 0x82 at byte 2",
		"\x80\x02(" + "X\x64\x00\x00\x00" + strings.Repeat("a", 100) + "q\x00" + strings.Repeat("h\x00", 4) + "t.":        "it repeats long strings",
		"\x80\x02(" + "X\x64\x00\x00\x00" + strings.Repeat("a", 100) + "q\x00N0q\x01" + strings.Repeat("h\x01", 4) + "t.": "it repeats long strings",
		"\x80\x02" + strings.Repeat("(", 4097) + ".":                                                                      "more than 4096 marks on the stack (byte 4098)",
		"\x80\x02" + strings.Repeat("((t", 4097) + ".":                                                                    "more than 4096 marks on the stack",
	} {
		if got, err := load(pickle, names); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want an error with %q", pickle, got, err, want)
		}
	}
	if _, err := load("\x80\x02K\x07Q.", Names{Class: names.Class}); err == nil || !strings.Contains(err.Error(), "unsupported persistent ID") {
		t.Errorf("without objects: got %v", err)
	}
}

// Protocol 0 writes texts, numbers and memo indices as lines. Python 2 and Python 3 write these
// texts for the same strings.
func TestLoadProtocol0(t *testing.T) {
	tuple := func(items ...any) *types.Tuple { return types.NewTupleFromSlice(items) }
	for pickle, want := range map[string]any{
		`S'a\\b\'c"\n\r\t\x00\xff'` + "\np0\n.": "a\\b'c\"\n\r\t\x00\xff",
		`S"it's"` + "\n.":                       "it's",
		"S''\n.":                                "",
		`V\u005c \u000a \u20ac \U0001f600 ` + "\xe9\n.": "\\ \n \u20ac \U0001f600 \u00e9",
		"V\n.":                               "",
		"(I5\nI-7\nI00\nI01\nL12L\nF2.5\nt.": tuple(5, -7, false, true, 12, 2.5),
		"(lp0\nVa\np1\nag1\na.":              types.NewListFromSlice([]any{"a", "a"}),
		"(dp0\nS'a'\nI1\ns.":                 &types.Dict{{Key: "a", Value: 1}},
		"\x80\x02\x8a\x00.":                  0,
		"\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00\x8a\x00.":                              0, // the patch makes the frame shorter
		"\x80\x05\x96\x02\x00\x00\x00\x00\x00\x00\x00ab.":                                    types.NewByteArrayFromSlice([]byte("ab")),
		"(S'" + strings.Repeat("a", 1<<17) + "'\nV" + strings.Repeat("\xe9", 1<<17) + "\nt.": tuple(strings.Repeat("a", 1<<17), strings.Repeat("\u00e9", 1<<17)),
	} {
		if got, err := load(pickle, Names{}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.60q: got %.60v, %v, want %.60v", pickle, got, err, want)
		}
	}
	for pickle, want := range map[string]string{
		"S'a\n.":                               "a string without its second quote (byte 0)",
		"S'a'b'\n.":                            "a quote within a string",
		"Sa\n.":                                "a string without quotes",
		`S'\q'` + "\n.":                        "a string with an unknown escape",
		`S'\x0g'` + "\n.":                      "an escape without its digits",
		`V\q` + "\n.":                          "a text with an unknown escape",
		`V\u12`:                                "it ends too early",
		`V\u+123` + "\n.":                      "an escape without its digits",
		"Vabc":                                 "it ends too early",
		"g-1\n.":                               `"-1" is not an index of its memo`,
		"p0\n.":                                "too few values on the stack",
		"(lp4294967296\n.":                     "is not an index of its memo",
		"L" + strings.Repeat("1", 65) + "L\n.": "a number of 66 characters",
		"I5":                                   "a line without end",
		"(ios\nsystem\n.":                      "opcode 0x69 at byte 1",
		"(cos\nsystem\no.":                     "no os.system",
		"Pid\n.":                               "opcode 0x50 at byte 0",
		"V" + strings.Repeat("a", 65) + "\np0\n" + strings.Repeat("g0\n", 99) + ".": "it repeats long strings",
		"]V" + strings.Repeat("a", 60) + "\n\x85R.":                                 "it calls a value that is not a function",
		strings.Repeat("(", 4097):                                                   "more than 4096 marks on the stack",
		"(K\x01s.":                                                                  "too few values on the stack",
	} {
		names := Names{Class: func(module, name string) (any, error) { return nil, fmt.Errorf("no %s.%s", module, name) }}
		if got, err := load(pickle, names); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: got %v, %v, want an error with %q", pickle, got, err, want)
		}
	}
}
