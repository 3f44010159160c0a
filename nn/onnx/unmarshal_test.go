package onnx

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
	"wgpucnn/nn/modelfile"
	"wgpucnn/testdata/hostile"

	"google.golang.org/protobuf/encoding/protowire"
)

// Unmarshal reads what Marshal wrote: the same weights to the last bit. Marshal writes the
// model read as the same bytes.
func TestUnmarshal(t *testing.T) {
	for _, pooling := range nn.Poolings {
		for _, o := range []Options{{Opset: OldestOpset}, {Opset: NewestOpset, Batch: 7}} {
			model := lab(t, pooling, 3)
			file := marshal(t, model, o)
			got, err := Unmarshal(file)
			if err != nil {
				t.Fatalf("%s: %v", pooling, err)
			}
			if !reflect.DeepEqual(got.State, model.State) {
				t.Errorf("%s: the weights differ from those written", pooling)
			}
			if training := got.Training.(json.RawMessage); string(training) != `{"epochs":5}` || got.Version != "v1" {
				t.Errorf("%s: training %s, version %q", pooling, training, got.Version)
			}
			if again := marshal(t, got, o); !bytes.Equal(file, again) {
				t.Errorf("%s: the model read is written as another file", pooling)
			}
		}
	}
}

// small returns a model with every kind of layer that has parameters or constants.
func small(t testing.TB) *modelfile.Model {
	t.Helper()
	network, err := nn.NewSequential(nn.Shape{5, 5, 1}, nn.Normalize{Mean: []float32{0.5}, Std: []float32{0.25}},
		nn.Conv2d{In: 1, Out: 2, Kernel: 1}, nn.AdaptiveMaxPool2d{Out: 3}, nn.AdaptiveAvgPool2d{Out: 2}, nn.Flatten{}, nn.Linear{In: 8, Out: 2})
	if err != nil {
		t.Fatal(err)
	}
	return &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"a", "b"}}
}

// proto returns the parts of a model's file that are read.
func proto(t testing.TB, model *modelfile.Model) modelProto {
	t.Helper()
	metadata, err := metadata(model)
	if err != nil {
		t.Fatal(err)
	}
	g := &graph{}
	for _, weight := range model.State {
		g.floats(weight.Name, slices.Clone(weight.Shape), weight.Data)
	}
	return modelProto{graph: g, metadata: metadata}
}

// For any file, Unmarshal returns a model or an error of one line, and takes little memory.
func TestUnmarshalErrors(t *testing.T) {
	model := small(t)
	valid := marshal(t, model, Options{Opset: 9})
	edit := func(alter func(p *modelProto)) []byte {
		p := proto(t, model)
		alter(&p)
		return p.marshal()
	}
	if _, err := Unmarshal(edit(func(*modelProto) {})); err != nil {
		t.Fatal(err)
	}
	metadata := func(key, value string) []byte { return edit(func(p *modelProto) { p.metadata[key] = value }) }
	architecture := func(oldnew ...string) []byte {
		return metadata("architecture", strings.NewReplacer(oldnew...).Replace(proto(t, model).metadata["architecture"]))
	}
	const weight = 0 // conv1.weight, (2, 1, 1, 1)
	initializer := func(alter func(t *tensor)) []byte {
		return edit(func(p *modelProto) { alter(&p.graph.initializers[weight]) })
	}
	value := func(v float64) []byte {
		return initializer(func(t *tensor) { binary.LittleEndian.PutUint32(t.data[4:], math.Float32bits(float32(v))) })
	}
	with := func(append func(m *message)) []byte {
		m := message(bytes.Clone(valid))
		append(&m)
		return m
	}
	length := func(n uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, modelGraph, protowire.BytesType), n)
	}
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", `not written by wgpucnn but by ""`, nil},
		{"text", "not ONNX", []byte("{}\n")},
		{"a graph of gigabytes", "unexpected EOF", length(1 << 40)},
		{"a length that overflows", "unexpected EOF", length(math.MaxUint64)},
		{"a length that does not end", "byte 1 of 12 of a message", append(length(0)[:1], bytes.Repeat([]byte{255}, 11)...)},
		{"a field of number 0", "not ONNX", append(bytes.Clone(valid), 0, 0)},
		{"groups in groups", "not ONNX", bytes.Repeat([]byte{0x0b}, 1<<20)},
		{"a group that ends nowhere", "not ONNX", with(func(m *message) { *m = append(*m, 0x0c) })},
		{"another producer", `but by "pytorch"`, bytes.Replace(valid, []byte("wgpucnn"), []byte("pytorch"), 1)},
		{"a producer of many lines", "not written by wgpucnn", with(func(m *message) { m.string(modelProducer, strings.Repeat("\n1", 1e5)) })},
		{"a producer that is a number", "not written by wgpucnn", with(func(m *message) { m.int(modelProducer, 7) })},
		{"two graphs", "two graphs", with(func(m *message) { m.string(modelGraph, "") })},
		{"a graph that is a number", "conv1.weight: the file lacks it", bytes.Replace(edit(func(p *modelProto) { p.graph = &graph{} }), []byte{7<<3 | 2}, []byte{7 << 3}, 1)},
		{"a graph of garbage", "not ONNX", bytes.Replace(edit(func(p *modelProto) { p.graph = &graph{} }), []byte("\x12\x07wgpucnn\x5a"), []byte("\x00\x07wgpucnn\x5a"), 1)},
		{"a tensor of garbage", "not ONNX", bytes.Replace(valid, []byte("\x42\x0cconv1.weight"), []byte("\x00\x0cconv1.weight"), 1)},

		{"an older version", "written by an older wgpucnn, without the architecture", edit(func(p *modelProto) { delete(p.metadata, "architecture") })},
		{"metadata of garbage", "not ONNX", with(func(m *message) { m.bytes(modelMetadata, []byte{0}) })},
		{"metadata of megabytes", "more than 1048576 bytes of metadata", metadata("comment", strings.Repeat("a", 1<<20))},
		{"many metadata", "more than 1048576 bytes of metadata", with(func(m *message) { *m = append(*m, bytes.Repeat([]byte{modelMetadata<<3 | 2, 2, 8, 0}, 1<<20)...) })},
		{"a newer version", `format_version "2"`, metadata("format_version", "2")},
		{"an architecture that is no JSON", "architecture: invalid character", metadata("architecture", "conv")},
		{"too few classes", "1 class names for 2 classes", metadata("classes", `["a"]`)},
		{"no training", "lack training", edit(func(p *modelProto) { delete(p.metadata, "training") })},
		{"an unknown layer", `unknown kind "Conv3d"`, architecture("Conv2d", "Conv3d")},
		{"an image that overflows", "at most 268435456", architecture("[5,5,1]", "[268435456,268435456,268435456]")},
		{"weights that overflow", "linear1: weight (16, 33554432): want at most", architecture(`"out_channels":2`, `"out_channels":8388608`, `"in_features":8,"out_features":2`, `"in_features":33554432,"out_features":16`)},
		{"weights beyond the file", "conv1.weight: shape (2, 1, 1, 1): want (1048576, 1, 1, 1)", architecture(`"out_channels":2`, `"out_channels":1048576`, `"in_features":8`, `"in_features":4194304`)},

		{"a missing tensor", "conv1.weight: the file lacks it", edit(func(p *modelProto) { p.graph.initializers = p.graph.initializers[1:] })},
		{"a tensor twice", "conv1.weight: the file has it twice", edit(func(p *modelProto) { p.graph.initializers = append(p.graph.initializers, p.graph.initializers[weight]) })},
		{"another name", `initializer "conv1.weights": the network has no such tensor`, initializer(func(t *tensor) { t.name = "conv1.weights" })},
		{"a name of many lines", "the network has no such tensor", initializer(func(t *tensor) { t.name = strings.Repeat("\n1", 1e5) })},
		{"another type", "conv1.weight: data type 7: want 1, FLOAT", initializer(func(t *tensor) { t.dtype = typeInt64 })},
		{"a type beyond reason", "conv1.weight: data type -1", initializer(func(t *tensor) { t.dtype = -1 })},
		{"another shape", "conv1.weight: shape (1, 2, 1, 1): want (2, 1, 1, 1)", initializer(func(t *tensor) { t.shape = []int{1, 2, 1, 1} })},
		{"a flat shape", "conv1.weight: shape (2)", initializer(func(t *tensor) { t.shape = []int{2} })},
		{"no shape", "conv1.weight: shape ()", initializer(func(t *tensor) { t.shape = nil })},
		{"a negative shape", "conv1.weight: shape (-2, 1, 1, 1)", initializer(func(t *tensor) { t.shape[0] = -2 })},
		{"many dimensions", "more than 4 dimensions", initializer(func(t *tensor) { t.shape = make([]int, 1<<20) })},
		{"no data", "conv1.weight: 0 bytes of raw data: want 8", initializer(func(t *tensor) { t.data = nil })},
		{"too little data", "conv1.weight: 7 bytes of raw data: want 8", initializer(func(t *tensor) { t.data = t.data[:7] })},
		{"too much data", "conv1.weight: 12 bytes of raw data: want 8", initializer(func(t *tensor) { t.data = make([]byte, 12) })},
		{"a weight that is none", "conv1.weight: value 1 is NaN", value(math.NaN())},
		{"an infinite weight", "conv1.weight: value 1 is +Inf", value(math.Inf(1))},
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
			t.Errorf("the first %d of %d bytes: got no error", n, len(valid))
		}
	}
}

// FuzzUnmarshal looks for files that panic, and for models that change when they are written
// and read again. It changes the parts of a file, because a change to the whole file seldom
// leaves its lengths right.
func FuzzUnmarshal(f *testing.F) {
	model := small(f)
	p := proto(f, model)
	f.Add(p.metadata["architecture"], p.metadata["classes"], []byte(p.graph.marshal(valueInfo{}, valueInfo{})), []byte{})
	f.Add(p.metadata["architecture"], p.metadata["classes"], []byte{}, marshal(f, model, Options{Opset: 9}))
	f.Fuzz(func(t *testing.T, architecture, classes string, graph, more []byte) {
		var m message
		m.string(modelProducer, producerName)
		if len(graph) > 0 {
			m.bytes(modelGraph, graph)
		}
		for key, value := range map[string]string{"format_version": "1", "architecture": architecture, "classes": classes, "training": "null"} {
			var entry message
			entry.string(entryKey, key)
			entry.string(entryValue, value)
			m.bytes(modelMetadata, entry)
		}
		model, err := Unmarshal(append(m, more...))
		if err != nil {
			hostile.OneLine(t, err)
			return
		}
		once, err := Marshal(model, Options{Opset: 9})
		if err != nil { // a pool needs too many constants
			hostile.OneLine(t, err)
			return
		}
		if model, err = Unmarshal(once); err != nil {
			t.Fatal(err)
		}
		if twice := marshal(t, model, Options{Opset: 9}); !bytes.Equal(once, twice) {
			t.Error("written again the model gives another file")
		}
	})
}
