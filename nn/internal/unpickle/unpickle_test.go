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
	for pickle, want := range map[string]string{
		"\x80\x02ca\nproduct\n.":                "no a.product (byte 2)",
		"\x80\x02ccollections\nOrderedDict\n.":  "no collections.OrderedDict (byte 2)",
		"\x80\x04\x8c\x02os\x8c\x06system\x93.": "no os.system (byte 14)",
		"\x80\x02ca\nsum\n)R.":                  "broken pickle: runtime error: index out of range",
		"\x80\x02X\xff\xff\xff\xff.":            "it ends too early (byte 2)",
		"\x80\x02\x82\x01.":                     "not a pickle of data: opcode 0x82 at byte 2",
		"\x80\x02(" + "X\x03\x00\x00\x00abcq\x00" + strings.Repeat("h\x00", 40) + "t.": "it repeats long strings",
	} {
		if got, err := load(pickle, names); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want an error with %q", pickle, got, err, want)
		}
	}
	if _, err := load("\x80\x02K\x07Q.", Names{Class: names.Class}); err == nil || !strings.Contains(err.Error(), "unsupported persistent ID") {
		t.Errorf("without objects: got %v", err)
	}
}
