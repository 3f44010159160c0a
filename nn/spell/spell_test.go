package spell

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"train", "tune", "eval", "verify", "q"}
	for typed, want := range map[string]string{
		"tain": "train", "trian": "train", "tun": "tune", "Eval": "eval", "verfy": "verify", "eavl": "eval",
		"trn": "train", "": "", "bake": "", "x": "", "evaluate": "", "tu": "tune",
	} {
		if got, ok := Nearest(typed, words); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", typed, got, ok, want)
		}
	}
	if got, ok := Nearest("a", nil); ok {
		t.Errorf("of no words: got %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"apple", "aple", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2}} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != c.want {
			t.Errorf("%q, %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
