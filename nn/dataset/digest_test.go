package dataset

import "testing"

// Every change that a training would notice changes the digest.
func TestSHA256(t *testing.T) {
	set := func() *Dataset {
		tall := Images{Height: 2, Width: 1, Channels: 1, Pixels: []byte{0, 1, 2, 3}, Labels: []uint32{0, 1}}
		return &Dataset{Name: "here", Classes: []string{"ab", "c"}, Train: tall, Test: numbered(1)}
	}
	want := set().SHA256()
	if len(want) != 64 {
		t.Errorf("got %q, want 64 digits", want)
	}
	for name, alter := range map[string]func(d *Dataset){
		"a pixel":           func(d *Dataset) { d.Train.Pixels[0]++ },
		"a test pixel":      func(d *Dataset) { d.Test.Pixels[0]++ },
		"a label":           func(d *Dataset) { d.Train.Labels[0] = 1 },
		"a class":           func(d *Dataset) { d.Classes[0] = "bb" },
		"where names end":   func(d *Dataset) { d.Classes = []string{"a", "bc"} },
		"the shape":         func(d *Dataset) { d.Train.Height, d.Train.Width = 1, 2 },
		"which set is test": func(d *Dataset) { d.Train, d.Test = d.Test, d.Train },
	} {
		d := set()
		alter(d)
		if d.SHA256() == want {
			t.Errorf("%s: the digest is the same", name)
		}
	}
	d := set()
	d.Name = "there"
	if d.SHA256() != want {
		t.Error("the name of the data set changes the digest")
	}
}

// The digest of a data set stays what it was, because files of earlier runs hold it.
func TestSHA256Stays(t *testing.T) {
	if got, want := builtin().SHA256(), "d036ff3b5183dacefd1928f7da54b4b1d0ec5831eb378944f11dd99a89f6ffcd"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
