package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
)

func network(t *testing.T) (*nn.Sequential, nn.StateDict) {
	t.Helper()
	model, err := nn.NewSequential(nn.Shape{16, 16, 1}, nn.Normalize{Mean: []float32{0.5}, Std: []float32{0.25}},
		nn.Conv2d{In: 1, Out: 4, Kernel: 3, Padding: 1}, nn.ReLU{}, nn.MaxPool2d{Kernel: 2}, nn.Conv2d{In: 4, Out: 2, Kernel: 2, Stride: 2},
		nn.AvgPool2d{Kernel: 2, Stride: 1}, nn.AdaptiveMaxPool2d{Out: 2}, nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 2, Out: 3})
	if err != nil {
		t.Fatal(err)
	}
	return model, model.InitState(3)
}

var info = Info{Classes: []string{"a", "b", "c"}, Training: map[string]int{"epochs": 5}, Version: "v1"}

// The file as the format's description has it (github.com/huggingface/safetensors):
// the header's length, the header as JSON, the tensors' bytes.
func TestMarshal(t *testing.T) {
	model, state := network(t)
	file, err := Marshal(model, state, info)
	if err != nil {
		t.Fatal(err)
	}
	size := binary.LittleEndian.Uint64(file)
	header, data := map[string]json.RawMessage{}, file[8+size:]
	if err := json.Unmarshal(file[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	for _, want := range state {
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
			`{"name":"pool4","kind":"AdaptiveAvgPool2d","output_size":1},` +
			`{"name":"flatten1","kind":"Flatten"},` +
			`{"name":"linear1","kind":"Linear","in_features":2,"out_features":3}]}`,
	} {
		if metadata[key] != want {
			t.Errorf("%s: got %s, want %s", key, metadata[key], want)
		}
	}
	if again, err := Marshal(model, state, info); err != nil || !bytes.Equal(file, again) {
		t.Errorf("the same network gives another file: %v", err)
	}
}

func TestMarshalErrors(t *testing.T) {
	model, state := network(t)
	if _, err := Marshal(model, state[1:], info); err == nil {
		t.Error("wrote a network that lacks weights")
	}
	if _, err := Marshal(model, state, Info{Classes: []string{"a"}}); err == nil || !strings.Contains(err.Error(), "1 class names for 3 classes") {
		t.Errorf("got %v", err)
	}
	if _, err := Marshal(model, state, Info{Classes: info.Classes, Training: math.NaN()}); err == nil || !strings.Contains(err.Error(), "training") {
		t.Errorf("got %v", err)
	}
}
