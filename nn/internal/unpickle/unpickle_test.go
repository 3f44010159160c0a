package unpickle

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nlpodyssey/gopickle/types"
)

// A pickle gets what its caller has for its names, and nothing else.
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
	load := func(pickle string, names Names) (any, error) {
		return Load(strings.NewReader(pickle), int64(len(pickle)), names)
	}
	want := types.NewTupleFromSlice([]any{5, "object 7"})
	if got, err := load("\x80\x02ca\nsum\nK\x02K\x03\x86RK\x07Q\x86.", names); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	// Short strings repeat, as the names of attributes do, and marks that are closed do not count.
	short := "\x80\x02(X\x03\x00\x00\x00abcq\x00" + strings.Repeat("h\x00", 40) + strings.Repeat("(t", 1001) + "t."
	if got, err := load(short, names); err != nil || got.(*types.Tuple).Len() != 1042 {
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
		"\x80\x02" + strings.Repeat("(", 1001) + ".":                                                                      "more than 1000 nested values (byte 1002)",
		"\x80\x02" + strings.Repeat("((t", 1001) + ".":                                                                    "more than 1000 nested values",
	} {
		if got, err := load(pickle, names); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want an error with %q", pickle, got, err, want)
		}
	}
	if _, err := load("\x80\x02K\x07Q.", Names{Class: names.Class}); err == nil || !strings.Contains(err.Error(), "unsupported persistent ID") {
		t.Errorf("without objects: got %v", err)
	}
}
