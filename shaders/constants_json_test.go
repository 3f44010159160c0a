package shaders

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// Constants come back from JSON with their types and every bit.
func TestConstantsJSON(t *testing.T) {
	want := Constants{{"N", 0}, {"BIG", math.MaxUint32}, {"ON", true}, {"OFF", false}, {"LR", float32(5e-3)}, {"THIRD", float32(1) / 3}, {"TINY", math.Float32frombits(1)}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Constants
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
	}
	for _, value := range []string{"", "u", "-1u", "4294967296u", "1", "f", "nanf;", "1e99f", "True", strings.Repeat("1", 1e5)} {
		text, err := json.Marshal(constantJSON{"N", value})
		if err != nil {
			t.Fatal(err)
		}
		var c Constant
		if err := json.Unmarshal(text, &c); err == nil || len(err.Error()) > 200 {
			t.Errorf("%.40q: got %v, %v; want a short error", value, c, err)
		}
	}
}
