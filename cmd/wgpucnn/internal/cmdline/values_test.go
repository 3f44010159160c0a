package cmdline

import (
	"maps"
	"slices"
	"testing"
)

// A list reads back what it writes.
func TestList(t *testing.T) {
	for text, want := range map[string][]string{
		"a,b":                {"a", "b"},
		" a , b\t":           {"a", "b"},
		"palm tree, [x] ,0":  {"palm tree", "[x]", "0"},
		`"a,b", c`:           {"a,b", "c"},
		`12" disc,a"b`:       {`12" disc`, `a"b`},
		"Müller,été,\u00a0林": {"Müller", "été", "林"},
	} {
		var names, again []string
		l := list{names: &names}
		if err := l.Set(text); err != nil || !slices.Equal(names, want) {
			t.Errorf("%q: got %q, %v, want %q", text, names, err, want)
		}
		if err := (&list{names: &again}).Set(l.String()); err != nil || !slices.Equal(again, want) {
			t.Errorf("%q, written as %q: got %q, %v", text, l.String(), again, err)
		}
		if err := l.Set("more"); err != nil || len(names) != len(want)+1 {
			t.Errorf("%q given again: got %q, %v", text, names, err)
		}
	}
	for text, want := range map[string]string{
		"": "an empty name", " ": "an empty name", "a,": "an empty name", ",a": "an empty name", "a, ,b": "an empty name",
		"a,b, a": "a stands there twice", "a\nb": "more than one line",
	} {
		names := []string{"default"}
		if err := (&list{names: &names}).Set(text); err == nil || err.Error() != want || !slices.Equal(names, []string{"default"}) {
			t.Errorf("%q: got %v and %q, want %s", text, err, names, want)
		}
	}
}

func TestMapping(t *testing.T) {
	var m, again mapping
	if err := m.Set(" conv1 = features.0 ,conv2=a=b"); err != nil {
		t.Fatal(err)
	}
	want := mapping{"conv1": "features.0", "conv2": "a=b"}
	if err := again.Set(m.String()); err != nil || !maps.Equal(m, want) || !maps.Equal(again, want) {
		t.Errorf("got %q and %q, %v, want %q", m, again, err, want)
	}
	for text, of := range map[string]map[string]string{"conv1=a,conv2=b c": {"conv2": "b c", "conv1": "a"}, "": {}} {
		if got, ok := MappingText(of); got != text || ok != (text != "") {
			t.Errorf("%v: got %q, %v", of, got, ok)
		}
	}
	if text, ok := MappingText(map[string]string{"conv1": " a"}); ok {
		t.Errorf("a blank before a name: got %q", text)
	}
}

// A flag given several times has all texts, and its words give them again.
func TestTexts(t *testing.T) {
	var all []string
	flags := New("train")
	TextsFlag(flags, &all, "net", "")
	args := []string{"--net=conv 8, relu", "--net=base"}
	if err := flags.Parse(args); err != nil || !slices.Equal(all, []string{"conv 8, relu", "base"}) {
		t.Errorf("got %q, %v", all, err)
	}
	if words := Words(flags.Lookup("net")); !slices.Equal(words, args) {
		t.Errorf("its words are %q, want %q", words, args)
	}
}
