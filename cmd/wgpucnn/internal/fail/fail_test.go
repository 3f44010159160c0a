package fail

import (
	"errors"
	"testing"
)

func TestThen(t *testing.T) {
	cause, next := errors.New("cause"), errors.New("next")
	for _, c := range []struct {
		first, next error
		want        string
	}{{cause, nil, "cause"}, {nil, next, "next"}, {cause, next, "cause; then: next"}} {
		if err := Then(c.first, c.next); err.Error() != c.want || errors.Is(err, cause) != (c.first == cause) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if err := Then(nil, nil); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"open été: no such file": "open été: no such file", "a\nb\x1b[31m": `a\nb\x1b[31m`, "it's": "it's",
	} {
		if got := Line(errors.New(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
