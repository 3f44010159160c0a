package modelfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wgpucnn/nn"
	"wgpucnn/nn/stats"
	"wgpucnn/testdata/hostile"
)

// object is a JSON object.
type object = map[string]any

// header returns a file's header, its metadata, its architecture and its data. It leaves out the
// checksum, as a file of an earlier version does, so that a test may alter the rest.
func header(t testing.TB, file []byte) (header, metadata, network object, data []byte) {
	t.Helper()
	size := binary.LittleEndian.Uint64(file)
	if err := json.Unmarshal(file[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	metadata = header["__metadata__"].(object)
	delete(metadata, checksumKey)
	if err := json.Unmarshal([]byte(metadata["architecture"].(string)), &network); err != nil {
		t.Fatal(err)
	}
	return header, metadata, network, bytes.Clone(file[8+size:])
}

// assemble returns the file of a header and its data.
func assemble(t testing.TB, header any, data []byte) []byte {
	t.Helper()
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), data...)
}

func TestUnmarshal(t *testing.T) {
	model := trained(t)
	file, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	head, metadata, architecture, data := header(t, file)
	architecture["comment"] = "of a newer version"
	architecture["layers"].([]any)[1].(object)["comment"] = 5
	text, err := json.Marshal(architecture)
	if err != nil {
		t.Fatal(err)
	}
	metadata["architecture"], metadata["comment"] = string(text), "of a newer version"
	for name, file := range map[string][]byte{"as written": file, "with unknown keys": assemble(t, head, data)} {
		got, err := Unmarshal(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got.State, model.State) {
			t.Errorf("%s: the weights are not those that were written", name)
		}
		if text := got.Training.(json.RawMessage); string(text) != `{"epochs":5}` || got.Version != "v1" || !slices.Equal(got.ClassNames, model.ClassNames) {
			t.Errorf("%s: got %v, %s, %q", name, got.ClassNames, text, got.Version)
		}
		for i, m := range model.Modules {
			if got := got.Modules[i]; got.Name != m.Name || got.Layer.String() != m.Layer.String() {
				t.Errorf("%s: layer %d: got %s %v, want %s %v", name, i, got.Name, got.Layer, m.Name, m.Layer)
			}
		}
	}
}

// Whatever stands in a file, Unmarshal gives one line and takes little memory.
func TestUnmarshalErrors(t *testing.T) {
	const word = math.MaxUint64
	model := trained(t)
	valid, err := model.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	// parts are what edit alters; a network is put back unless the metadata have another.
	type parts struct {
		header, metadata, network object
		layers                    []any
		data                      []byte
	}
	edit := func(alter func(p *parts)) []byte {
		var p parts
		p.header, p.metadata, p.network, p.data = header(t, valid)
		p.layers = p.network["layers"].([]any)
		before := p.metadata["architecture"]
		alter(&p)
		if p.metadata["architecture"] == before {
			text, err := json.Marshal(p.network)
			if err != nil {
				t.Fatal(err)
			}
			p.metadata["architecture"] = string(text)
		}
		return assemble(t, p.header, p.data)
	}
	metadata := func(key string, value any) []byte { return edit(func(p *parts) { p.metadata[key] = value }) }
	layer := func(i int, options object) []byte {
		return edit(func(p *parts) {
			for key, value := range options {
				p.layers[i].(object)[key] = value
			}
		})
	}
	tensor := func(name, key string, value any) []byte {
		return edit(func(p *parts) { p.header[name].(object)[key] = value })
	}
	value := func(v float64) []byte {
		return edit(func(p *parts) { binary.LittleEndian.PutUint32(p.data[8:], math.Float32bits(float32(v))) })
	}
	length := func(n uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), valid[8:]...) }
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "0 bytes: too short", nil},
		{"a header of gigabytes", "a header of 1099511627776 bytes: want at most", length(1 << 40)},
		{"a header that overflows", "want at most", length(word)},
		{"a header past the end", "the file is cut", length(1 << 19)},
		{"a header that is no JSON", "safetensors: ", length(3)},
		{"a header that is null", "not written by wgpucnn", assemble(t, nil, nil)},
		{"bytes at the end", "safetensors: ", append(bytes.Clone(valid), 0)},

		{"metadata of numbers", "expected string", metadata("classes", 3)},
		{"no version", "not written by wgpucnn: the metadata have no format_version", edit(func(p *parts) { delete(p.metadata, "format_version") })},
		{"a newer version", `format_version "2"`, metadata("format_version", "2")},
		{"a long version", "format_version", metadata("format_version", strings.Repeat("\n1", 1e5))},
		{"no architecture", "lack architecture", edit(func(p *parts) { delete(p.metadata, "architecture") })},
		{"an architecture that is no JSON", "architecture: invalid character", metadata("architecture", "conv")},
		{"an architecture that is null", "input ()", metadata("architecture", "null")},
		{"classes that are no list", "classes: ", metadata("classes", `"a"`)},
		{"classes of one name", `classes 1 and 2 are both named "b": want different names`, metadata("classes", `["a","b","b"]`)},
		{"classes of one long name", "classes 0 and 1 are both named", metadata("classes", `["`+strings.Repeat("a", 1e5)+`","`+strings.Repeat("a", 1e5)+`","b"]`)},
		{"too few classes", "2 class names for 3 classes", metadata("classes", `["a","b"]`)},
		{"training that is no JSON", "training: ", metadata("training", "{")},

		{"an image of two dimensions", "input (16, 16)", edit(func(p *parts) { p.network["input"] = []int{16, 16} })},
		{"an image of many dimensions", "input (0, 0", edit(func(p *parts) { p.network["input"] = make([]int, 1e5) })},
		{"an image that overflows", "at most 268435456", edit(func(p *parts) { p.network["input"] = []int{1 << 28, 1 << 28, 1 << 28} })},
		{"an image of nothing", "each at least 1", edit(func(p *parts) { p.network["input"] = []int{16, 16, 0} })},
		{"an image of less than nothing", "each at least 1", edit(func(p *parts) { p.network["input"] = []int{-16, -16, 1} })},
		{"no layers", "the network ends in (16, 16, 1)", edit(func(p *parts) { p.network["layers"] = nil })},
		{"an unknown layer", `layer 2, "relu1": unknown kind "Softsign"`, layer(2, object{"kind": "Softsign"})},
		{"a name twice", "two modules are named conv1", layer(2, object{"name": "conv1"})},
		{"a name that is code", `module 2 is named "conv1\nimport os": want a letter or _`, layer(2, object{"name": "conv1\nimport os"})},
		{"a long name", "module 2 is named", layer(2, object{"name": strings.Repeat("a", 1e5)})},
		{"an input that comes later", `relu1: input "pool1": no module before it has that name`, layer(2, object{"inputs": []string{"pool1"}})},
		{"an input of its own", `relu1: input "relu1"`, layer(2, object{"inputs": []string{"relu1"}})},
		{"two inputs for one", "relu1: nn: ReLU(): 2 inputs: want 1", layer(2, object{"inputs": []string{"conv1", "conv1"}})},
		{"an output that nobody takes", "relu1: no module takes its output", layer(3, object{"inputs": []string{"conv1"}})},
		{"an Add of one", "relu1: nn: Add(): 1 inputs: want 2 or more", layer(2, object{"kind": "Add"})},
		{"an Add of two shapes", "relu1: nn: Add(): inputs [(4, 16, 16) (1, 16, 16)]: want equal shapes", layer(2, object{"kind": "Add", "inputs": []string{"conv1", "normalize1"}})},
		{"an Add of many", `relu1: input "nobody": no module before it has that name`, layer(2, object{"kind": "Add", "inputs": append(slices.Repeat([]string{"conv1"}, 1e5), "nobody")})},
		{"inputs of the first layer", "normalize1: inputs", layer(0, object{"inputs": []string{"conv1"}})},
		{"inputs that are no list", "architecture: ", layer(2, object{"inputs": "conv1"})},
		{"many means", "normalize1: nn: Normalize(mean=[0 0", layer(0, object{"mean": make([]int, 1e5)})},
		{"a deviation of 0", "above 0", layer(0, object{"std": []int{0}})},
		{"a mean beyond float32", "architecture: ", layer(0, object{"mean": []float64{1e300}})},
		{"negative channels", "a size of -4", layer(1, object{"out_channels": -4})},
		{"channels beyond reason", "a size of 1099511627776", layer(1, object{"out_channels": 1 << 40})},
		{"channels beyond an int", "architecture: ", layer(1, object{"out_channels": 1e30})},
		{"half a channel", "architecture: ", layer(1, object{"out_channels": 0.5})},
		{"weights that overflow", "conv1: weight (268435456, 1, 268435456, 268435456): want at most", edit(func(p *parts) {
			conv := p.layers[1].(object)
			conv["out_channels"], conv["kernel_size"], conv["padding"] = 1<<28, 1<<28, 1<<27-8
			p.network["layers"] = append(p.layers[:2:2], object{"name": "flatten1", "kind": "Flatten"},
				object{"name": "linear1", "kind": "Linear", "in_features": 1 << 28, "out_features": 3})
		})},
		{"maps that overflow", "conv1: output", edit(func(p *parts) {
			conv := p.layers[1].(object)
			conv["out_channels"], conv["padding"] = 1<<28, 1<<27
			p.network["layers"] = append(p.layers[:2:2], object{"name": "flatten1", "kind": "Flatten"})
		})},
		{"a pool that grows", "output", layer(6, object{"output_size": 1 << 28})},
		{"a Dropout of all", "want a p of 0 or more, below 1", layer(11, object{"p": 1})},
		{"layers that do not fit", "linear1", layer(12, object{"in_features": 3})},
		{"other classes than logits", "3 class names for 4 classes", layer(12, object{"out_features": 4})},

		{"a missing tensor", "conv1.bias: the file lacks it", edit(func(p *parts) {
			p.header["extra"] = p.header["conv1.bias"]
			delete(p.header, "conv1.bias")
		})},
		{"a tensor too many", `"extra": the network has no such tensor`, edit(func(p *parts) {
			p.header["extra"] = object{"dtype": "F32", "shape": []int{1}, "data_offsets": []int{len(p.data), len(p.data) + 4}}
			p.data = append(p.data, 0, 0, 0, 0)
		})},
		{"another type", "conv1.weight: I32: want F32", tensor("conv1.weight", "dtype", "I32")},
		{"an unknown type", "safetensors: ", tensor("conv1.weight", "dtype", "F\n33")},
		{"a type of another size", "safetensors: ", tensor("conv1.weight", "dtype", "F16")},
		{"another shape", "conv1.weight: shape [1 4 3 3]: want (4, 1, 3, 3)", tensor("conv1.weight", "shape", []int{1, 4, 3, 3})},
		{"a flat shape", "conv1.weight: shape [36]", tensor("conv1.weight", "shape", []int{36})},
		{"a shape that overflows", "safetensors: ", tensor("conv1.weight", "shape", []uint64{1 << 62, 4, 3, 3})},
		{"a shape of words", "safetensors: ", tensor("conv1.weight", "shape", strings.Split(strings.Repeat("four ", 1e4), " "))},
		{"offsets that overlap", "safetensors: ", tensor("conv1.weight", "data_offsets", []int{0, 144})},
		{"offsets backwards", "safetensors: ", tensor("conv1.weight", "data_offsets", []int{160, 16})},
		{"offsets beyond the file", "safetensors: ", tensor("linear1.weight", "data_offsets", []uint64{word - 24, word})},
		{"offsets that are negative", "safetensors: ", tensor("conv1.weight", "data_offsets", []int{-144, 0})},
		{"a weight that is none", "conv1.bias: value 2 is NaN", value(math.NaN())},
		{"an infinite weight", "conv1.bias: value 2 is +Inf", value(math.Inf(1))},
		{"a negative infinite weight", "conv1.bias: value 2 is -Inf", value(math.Inf(-1))},
	} {
		t.Run(c.name, func(t *testing.T) {
			hostile.Refuse(t, c.want, 64<<20, func() error {
				_, err := Unmarshal(c.file)
				return err
			})
		})
	}
	for n := range valid {
		if _, err := Unmarshal(valid[:n]); err == nil {
			t.Errorf("read the first %d of %d bytes", n, len(valid))
		}
	}
}

// FuzzUnmarshal looks for files that end the program, and for networks and checkpoints
// that change when they are written and read again. It alters the parts of a file, as
// changes to the whole seldom get past the header's length.
func FuzzUnmarshal(f *testing.F) {
	normalize := nn.Normalize{Mean: []float32{0}, Std: []float32{1}}
	for _, layers := range [][]nn.Layer{
		{normalize, nn.Flatten{}},
		{normalize, nn.Conv2d{In: 1, Out: 1, Kernel: 2, NoBias: true}, nn.ReLU{}, nn.AdaptiveMaxPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 1, Out: 4}},
		{normalize, nn.AvgPool2d{Kernel: 2}, nn.AdaptiveAvgPool2d{Out: 2}, nn.MaxPool2d{Kernel: 1}, nn.Flatten{}},
		{normalize, nn.Residual([]nn.Layer{nn.Conv2d{In: 1, Out: 1, Kernel: 1}, nn.ReLU{}}, []nn.Layer{nn.Conv2d{In: 1, Out: 1, Kernel: 1}}), nn.Residual(nil, nil), nn.Flatten{}},
	} {
		model, err := nn.NewSequential(nn.Shape{2, 2, 1}, layers...)
		if err != nil {
			f.Fatal(err)
		}
		whole := &Model{Network: model, State: model.InitState(1), ClassNames: []string{"a", "b", "c", "d"}}
		halfway := &Checkpoint{Model: *whole, Slots: map[string]nn.StateDict{"momentum_buffer": model.InitState(2)}, Epochs: make([]stats.Epoch, 2)}
		for _, marshal := range []func() ([]byte, error){whole.Marshal, halfway.Marshal} {
			file, err := marshal()
			if err != nil {
				f.Fatal(err)
			}
			head, metadata, _, data := header(f, file)
			delete(head, "__metadata__")
			tensors, err := json.Marshal(head)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(tensors), metadata["architecture"].(string), metadata["classes"].(string), data)
		}
	}
	f.Fuzz(func(t *testing.T, tensors, architecture, classes string, data []byte) {
		metadata := map[string]string{"format_version": formatVersion, "architecture": architecture, "classes": classes, "training": "null", "checkpoint": "{}"}
		text, err := json.Marshal(metadata)
		if err != nil {
			t.Fatal(err)
		}
		head := strings.Replace(tensors, "{", `{"__metadata__":`+string(text)+",", 1)
		if tensors == "{}" {
			head = `{"__metadata__":` + string(text) + "}"
		}
		file := append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...), data...)
		again(t, file, Unmarshal, (*Model).Marshal)
		again(t, file, UnmarshalCheckpoint, (*Checkpoint).Marshal)
	})
}

// again holds what can be read from a file to giving the same file each time that it is
// written.
func again[T any](t *testing.T, file []byte, unmarshal func([]byte) (T, error), marshal func(T) ([]byte, error)) {
	t.Helper()
	value, err := unmarshal(file)
	if err != nil {
		hostile.OneLine(t, err)
		return
	}
	once, err := marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	value, err = unmarshal(once)
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := marshal(value); err != nil || !bytes.Equal(once, twice) {
		t.Errorf("written again it is another file: %v", err)
	}
}
