package pytorch

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/testdata/hostile"
)

// Import returns the whole model, also where its shapes fit several networks. The options may
// name its classes.
func TestImportOwn(t *testing.T) {
	want := labModel(t, "max", nn.LabOptions{Classes: 2, Hidden: 1, PoolSize: 2})
	want.ClassNames, want.Version, want.Training = []string{"apple", "pear"}, "1.2", json.RawMessage(`{"seed":7}`)
	file, err := Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, pooling := range []string{"", "max", "base"} {
		got, assumed, err := Import(file, LabOptions{Pooling: pooling, Source: "net.pt"})
		if err != nil || assumed != "" || got.Pooling() != "max" || got.Version != "1.2" ||
			!reflect.DeepEqual([]any{got.State, got.ClassNames, got.Training}, []any{want.State, want.ClassNames, want.Training}) {
			t.Errorf("pooling %q: got %+v, %q, %v", pooling, got, assumed, err)
		}
	}
	got, _, err := Import(file, LabOptions{Classes: []string{"a", "b"}})
	if err != nil || strings.Join(got.ClassNames, " ") != "a b" {
		t.Errorf("with classes: got %+v, %v", got, err)
	}
	for want, o := range map[string]LabOptions{
		"3 class names for 2 classes":                               {Classes: []string{"a", "b", "c"}},
		`two classes have the name "a": want different names`:       {Classes: []string{"a", "a"}},
		"other names of layers: this file describes its own layers": {Layers: map[string]string{"conv1": "a"}},
	} {
		if _, _, err := Import(file, o); err == nil || err.Error() != "pytorch: "+want {
			t.Errorf("%+v: got %v, want %q", o, err, want)
		}
	}
}

// A file of Marshal brings a network with branches back.
func TestImportGraph(t *testing.T) {
	want := residual(t)
	file, err := Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, assumed, err := Import(file, LabOptions{})
	if err != nil || assumed != "" {
		t.Fatalf("assumed %q, %v", assumed, err)
	}
	again, err := Marshal(got)
	if err != nil || !bytes.Equal(again, file) {
		t.Errorf("the model read is written as another file: %v", err)
	}
	if in := got.Modules[got.Index("add1")].Inputs; !slices.Equal(in, []string{"conv3", "conv4"}) {
		t.Errorf("add1 takes %q", in)
	}
}

// The record must fit the tensors, and no number in it allocates memory.
func TestOwnHostile(t *testing.T) {
	model := labModel(t, "avg", nn.LabOptions{Classes: 2, Hidden: 1})
	metadata, err := model.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	file := func(change func(map[string]string)) []byte {
		changed := map[string]string{}
		for key, value := range metadata {
			changed[key] = value
		}
		change(changed)
		text, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		return pack(t, stored("a/data.pkl", dictOf(text0("w"))), stored("a/data/0", "\x00\x00\x80\x3f"), stored("a/"+metadataRecord, string(text)))
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"other tensors": {file(func(map[string]string) {}), "1 tensors for a network that has 6: the file is damaged"},
		"vast layers": {file(func(m map[string]string) {
			m["architecture"] = strings.Replace(m["architecture"], `"out_channels":2`, `"out_channels":268435456`, 1)
		}), "modelfile: "},
		"another version": {file(func(m map[string]string) { m["format_version"] = "2" }), `format_version "2"`},
		"no JSON":         {pack(t, stored("a/data.pkl", dictOf(text0("w"))), stored("a/data/0", "\x00\x00\x80\x3f"), stored("a/"+metadataRecord, "\x1b[31m")), "the file is damaged"},
		"a long text":     {pack(t, stored("a/data.pkl", dictOf(text0("w"))), stored("a/data/0", "\x00\x00\x80\x3f"), stored("a/"+metadataRecord, strings.Repeat(" ", 1<<20+1))), "has 1048577 bytes: want at most 1048576"},
	} {
		t.Run(name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 16<<20, func() error {
				_, _, err := Import(c.file, LabOptions{})
				return err
			})
		})
	}
	wrong := labModel(t, "avg", nn.LabOptions{Classes: 2, Hidden: 1})
	wrong.State[0].Data[0] = float32(math.NaN())
	written, err := Marshal(wrong)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Import(written, LabOptions{}); err == nil || !strings.Contains(err.Error(), "conv1.weight: value 0 is NaN") {
		t.Errorf("not a number: got %v", err)
	}
}
