package enginetest

import (
	"slices"
	"strconv"
	"testing"

	"wgpucnn/engine"
)

// A list names adapters by number or name. "all" names each that there is.
func TestAdapters(t *testing.T) {
	Open(t)
	all, err := engine.Adapters("auto")
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for i := range all {
		numbers = append(numbers, strconv.Itoa(i))
	}
	for list, want := range map[string][]string{"": nil, "0, llvmpipe,": {"0", "llvmpipe"}, "all": numbers} {
		chosen, err := adapters(list)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range chosen {
			got = append(got, o.Adapter)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", list, got, want)
		}
	}
	t.Setenv("WGPUCNN_ADAPTERS", "0,0")
	if devices := OpenAll(t); len(devices) != 2 || devices[0].Adapter() != all[0] {
		t.Errorf("0,0 opened %d devices", len(devices))
	}
}
