package modelfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/internal/nntest"
)

// trained returns a small model of every kind of layer.
func trained(t *testing.T) *Model {
	t.Helper()
	model := nntest.Kinds(t)
	return &Model{model, model.InitState(3), []string{"a", "b", "c"}, map[string]int{"epochs": 5}, "v1"}
}

// The file as the format's description has it (github.com/huggingface/safetensors):
// the header's length, the header as JSON, the tensors' bytes.
func TestMarshal(t *testing.T) {
	model := trained(t)
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	size := binary.LittleEndian.Uint64(file)
	header, data := map[string]json.RawMessage{}, file[8+size:]
	if err := json.Unmarshal(file[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	for _, want := range model.State {
		var got struct {
			DType   string `json:"dtype"`
			Shape   nn.Shape
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(header[want.Name], &got); err != nil {
			t.Fatalf("%s: %v", want.Name, err)
		}
		if got.DType != "F32" || !slices.Equal(got.Shape, want.Shape) || got.Offsets[1]-got.Offsets[0] != 4*want.Shape.Size() {
			t.Errorf("%s: got %+v, want F32 %v", want.Name, got, want.Shape)
			continue
		}
		for i, v := range want.Data {
			if bits := binary.LittleEndian.Uint32(data[got.Offsets[0]+4*i:]); bits != math.Float32bits(v) {
				t.Errorf("%s[%d]: got %v, want %v", want.Name, i, math.Float32frombits(bits), v)
			}
		}
	}
	var metadata map[string]string
	if err := json.Unmarshal(header["__metadata__"], &metadata); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"format_version": "1",
		"producer":       "wgpucnn v1",
		"classes":        `["a","b","c"]`,
		"training":       `{"epochs":5}`,
		"architecture": `{"input":[16,16,1],"layers":[` +
			`{"name":"normalize1","kind":"Normalize","mean":[0.5],"std":[0.25]},` +
			`{"name":"conv1","kind":"Conv2d","in_channels":1,"out_channels":4,"kernel_size":3,"stride":1,"padding":1},` +
			`{"name":"relu1","kind":"ReLU"},` +
			`{"name":"pool1","kind":"MaxPool2d","kernel_size":2,"stride":2},` +
			`{"name":"conv2","kind":"Conv2d","in_channels":4,"out_channels":2,"kernel_size":2,"stride":2},` +
			`{"name":"pool2","kind":"AvgPool2d","kernel_size":2,"stride":1},` +
			`{"name":"pool3","kind":"AdaptiveMaxPool2d","output_size":2},` +
			`{"name":"silu1","kind":"SiLU"},` +
			`{"name":"gelu1","kind":"GELU"},` +
			`{"name":"pool4","kind":"AdaptiveAvgPool2d","output_size":1},` +
			`{"name":"flatten1","kind":"Flatten"},` +
			`{"name":"dropout1","kind":"Dropout","p":0.25},` +
			`{"name":"linear1","kind":"Linear","in_features":2,"out_features":3}]}`,
	} {
		if metadata[key] != want {
			t.Errorf("%s: got %s, want %s", key, metadata[key], want)
		}
	}
	if again, err := model.Marshal(); err != nil || !bytes.Equal(file, again) {
		t.Errorf("the same network gives another file: %v", err)
	}
}

func TestMarshalErrors(t *testing.T) {
	for want, alter := range map[string]func(m *Model){
		"1 class names for 3 classes":                              func(m *Model) { m.ClassNames = m.ClassNames[:1] },
		`classes 0 and 2 are both named "a": want different names`: func(m *Model) { m.ClassNames = []string{"a", "b", "a"} },
		"training: json":     func(m *Model) { m.Training = math.NaN() },
		"tensors of weights": func(m *Model) { m.State = m.State[1:] },
	} {
		model := trained(t)
		alter(model)
		if _, err := model.Marshal(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// A model that is saved comes back as it was, and a path that holds none is named.
func TestLoad(t *testing.T) {
	model, path := trained(t), filepath.Join(t.TempDir(), "model.safetensors")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.State, model.State) || !slices.Equal(got.ClassNames, model.ClassNames) {
		t.Errorf("got %v %v, want %v %v", got.ClassNames, got.State, model.ClassNames, model.State)
	}
	if err := os.WriteFile(path, []byte("no model"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, filepath.Join(t.TempDir(), "missing"), t.TempDir()} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want an error that names %s", err, path)
		}
	}
	if err := model.Save(filepath.Join(path, "x")); err == nil {
		t.Error("saved below a file")
	}
}
