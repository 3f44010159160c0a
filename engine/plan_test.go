package engine

import (
	"errors"
	"strings"
	"testing"

	"wgpucnn/engine/internal/host"
	"wgpucnn/shaders"
)

// The plans at which wgpu would abort the process must be errors here. No device is used: the
// buffers only look allocated.
func TestDispatchCheck(t *testing.T) {
	source, err := shaders.Parse("test", `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;`)
	if err != nil {
		t.Fatal(err)
	}
	limits := Limits{BindingSize: 1 << 10, StorageBuffers: 4, WorkgroupsPerAxis: 100}
	buffer := func(size int) *Buffer {
		b := NewBuffer("buffer", size)
		b.device, b.gpu = new(Device), new(host.Buffer)
		return b
	}
	one, two, big := buffer(1024), buffer(1024), buffer(4096)
	none := NewBuffer("none", 64)
	for _, c := range []struct {
		name       string
		workgroups [3]int
		bindings   []Binding
		want       string // part of the error, "" for none
	}{
		{"fits", [3]int{100, 1, 1}, []Binding{{"a", one.All()}, {"y", two.All()}}, ""},
		{"read twice", [3]int{1, 1, 1}, []Binding{{"a", one.All()}, {"b", one.All()}, {"y", two.All()}}, ""},
		{"two parts written", [3]int{1, 1, 1}, []Binding{{"y", View{two, 0, 256}}, {"z", View{two, 256, 256}}}, ""},
		{"no workgroups", [3]int{0, 1, 1}, nil, "want 1 or more"},
		{"many workgroups", [3]int{1, 101, 1}, nil, "beyond the adapter's limits: 100 along"},
		{"many bindings", [3]int{1, 1, 1}, make([]Binding, 5), "beyond the adapter's limits: it takes 4"},
		{"unknown binding", [3]int{1, 1, 1}, []Binding{{"c", one.All()}}, `no binding "c"`},
		{"bound twice", [3]int{1, 1, 1}, []Binding{{"a", one.All()}, {"a", two.All()}}, "bound twice"},
		{"no buffer", [3]int{1, 1, 1}, []Binding{{"a", View{}}}, "no memory"},
		{"no memory", [3]int{1, 1, 1}, []Binding{{"a", none.All()}}, "no memory"},
		{"beyond the end", [3]int{1, 1, 1}, []Binding{{"a", View{one, 512, 516}}}, "within its 1024"},
		{"empty", [3]int{1, 1, 1}, []Binding{{"a", View{one, 0, 0}}}, "multiple of 4"},
		{"odd size", [3]int{1, 1, 1}, []Binding{{"a", View{one, 0, 6}}}, "multiple of 4"},
		{"odd offset", [3]int{1, 1, 1}, []Binding{{"a", View{one, 128, 4}}}, "multiple of 256"},
		{"too big", [3]int{1, 1, 1}, []Binding{{"a", big.All()}}, "beyond the adapter's limits: it binds 1024"},
		{"read and written", [3]int{1, 1, 1}, []Binding{{"a", View{one, 0, 256}}, {"y", View{one, 256, 256}}}, "both read and written"},
		{"overlap", [3]int{1, 1, 1}, []Binding{{"y", View{one, 0, 512}}, {"z", View{one, 256, 256}}}, "overlap"},
	} {
		err := Dispatch{Kernel: Kernel{File: "test", Entry: "main"}, Bindings: c.bindings, Workgroups: c.workgroups}.check(source, limits)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v; want an error with %q", c.name, err, c.want)
		}
	}
}

// A kernel with more iterations than the driver completes is an error.
func TestLoopsCheck(t *testing.T) {
	for loops, limit := range map[int]int{1000: 1000, 1001: 0} {
		if err := iterating(loops).check(shaders.Source{}, Limits{WorkgroupsPerAxis: 1, Loops: limit}); err != nil {
			t.Errorf("%d iterations, limit %d: %v", loops, limit, err)
		}
	}
	err := iterating(1001).check(shaders.Source{}, Limits{WorkgroupsPerAxis: 1, Loops: 1000})
	if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "this driver leaves its loops after 1000") {
		t.Errorf("got %v", err)
	}
}

func TestPlanString(t *testing.T) {
	buffer := NewBuffer("params", 0)
	buffer.Reserve(100)
	w := buffer.Reserve(12)
	plan := Plan{{
		Kernel:   Kernel{File: "relu", Entry: "forward", Constants: shaders.Constants{{Name: "SIZE", Value: 3}}},
		Bindings: []Binding{{"x", w}, {"y", NewBuffer("out", 12).All()}}, Workgroups: [3]int{1, 2, 3},
	}}
	want := "1  relu.forward  1 x 2 x 3  x=params[256:+12] y=out  SIZE=3\n"
	if got := plan.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// iterating returns a dispatch whose kernel has so many iterations.
func iterating(count int) Dispatch {
	kernel := Kernel{File: "linear", Entry: "forward", Constants: shaders.Constants{{Name: "IN", Value: count}}}
	return Dispatch{Kernel: kernel, Workgroups: [3]int{1, 1, 1}}
}
