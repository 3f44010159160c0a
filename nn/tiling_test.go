package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"wgpucnn/engine"
)

func TestTilingCheck(t *testing.T) {
	a := engine.Adapter{Name: "card", Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: 16 << 10, StorageBuffers: 8}}
	for _, tiling := range []Tiling{TilingFor(a), cpuTiling, gpuTiling} {
		tiling.Memory, tiling.GPU.Memory = min(tiling.Memory, a.Limits.WorkgroupStorage), min(tiling.GPU.Memory, a.Limits.WorkgroupStorage)
		if err := tiling.Check(a); err != nil {
			t.Errorf("%+v: %v", tiling, err)
		}
	}
	for _, c := range []struct {
		change func(*Tiling)
		want   string
		limit  bool
	}{
		{func(t *Tiling) { *t = Tiling{} }, "workgroup of 0: want 1 to 1024", false},
		{func(t *Tiling) { t.Workgroup = 1 << 40 }, "workgroup of 1099511627776: want", false},
		{func(t *Tiling) { t.Workgroup = 512 }, "workgroup of 512 invocations: beyond the adapter's limits: card takes 256", true},
		{func(t *Tiling) { t.Run = 0 }, "run of 0", false},
		{func(t *Tiling) { t.Rows = -1 }, "rows of -1", false},
		{func(t *Tiling) { t.Tile = 65 }, "tile of 65", false},
		{func(t *Tiling) { t.WeightOut = 0 }, "weight_out of 0", false},
		{func(t *Tiling) { t.WeightIn = 0 }, "weight_in of 0", false},
		{func(t *Tiling) { t.Workgroups = 0 }, "workgroups of 0", false},
		{func(t *Tiling) { t.Splits = 0 }, "splits of 0", false},
		{func(t *Tiling) { t.Memory = -4 }, "memory of -4", false},
		{func(t *Tiling) { t.Memory = 32 << 10 }, "memory of 32768 bytes: beyond", true},
		{func(t *Tiling) { t.GPU.Memory = 32 << 10 }, "memory of 32768 bytes: beyond", true},
		{func(t *Tiling) { t.GPU.ImageMemory = -1 }, "gpu.image_memory of -1: want 0 to 1048576", false},
		{func(t *Tiling) { t.GPU.ImageMemory = 32 << 10 }, "memory of 32768 bytes: beyond", true},
		{func(t *Tiling) { t.GPU.ImageMemory = 8 << 10 }, "image_memory of 8192 bytes: its kernel has 13 storage buffers: beyond the adapter's limits: card takes 8", true},
		{func(t *Tiling) { t.GPU.Channels = 3 }, "gpu.channels of 3: want 4 to 1024", false},
		{func(t *Tiling) { t.GPU.Split = 0 }, "gpu.split of 0", false},
	} {
		tiling := TilingFor(a)
		c.change(&tiling)
		err := tiling.Check(a)
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, engine.ErrLimit) != c.limit {
			t.Errorf("got %v; want %q, wrapping ErrLimit %v", err, c.want, c.limit)
		}
	}
}

func TestTilingString(t *testing.T) {
	tiling := cpuTiling
	if got, want := tiling.String(), "{16 8 2 8 4 4 16 16 20480}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	tiling.GPU = GPUTiling{Pixels: 64, Run: 8, Channels: 32, Quads: 1, Chunk: 16, Split: 4, WeightOut: 64, WeightIn: 8, WeightSplit: 2, Parts: 128, Invocations: 9, Memory: 7, ImageMemory: 5}
	if got, want := tiling.String(), "{16 8 2 8 4 4 16 16 20480 64 8 32 1 16 4 64 8 2 128 9 7 5}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Only a Vulkan GPU with 48 KiB of workgroup memory and 13 storage buffers trains image by image.
func TestTilingForImages(t *testing.T) {
	for _, c := range []struct {
		adapter engine.AdapterType
		backend string
		memory  int
		buffers int
		want    int
	}{
		{engine.DiscreteGPU, "Vulkan", 48 << 10, 13, 48 << 10},
		{engine.IntegratedGPU, "Vulkan", 64 << 10, 31, 48 << 10},
		{engine.DiscreteGPU, "Vulkan", 48<<10 - 1, 31, 0},
		{engine.DiscreteGPU, "Vulkan", 48 << 10, 12, 0},
		{engine.DiscreteGPU, "Vulkan", 16 << 10, 8, 0},
		{engine.DiscreteGPU, "OpenGL", 48 << 10, 16, 0},
		{engine.DiscreteGPU, "Metal", 48 << 10, 31, 0},
	} {
		a := engine.Adapter{Type: c.adapter, Backend: c.backend, Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: c.memory, StorageBuffers: c.buffers}}
		tiling := TilingFor(a)
		if got := tiling.GPU.ImageMemory; got != c.want {
			t.Errorf("%s of %s with %d bytes and %d buffers: got %d, want %d", c.adapter, c.backend, c.memory, c.buffers, got, c.want)
		}
		if err := tiling.Check(a); err != nil {
			t.Errorf("%+v: %v", tiling, err)
		}
	}
	a := engine.Adapter{Type: engine.CPU, Backend: "Vulkan", Limits: engine.Limits{WorkgroupSize: 1024, WorkgroupStorage: 48 << 10, StorageBuffers: 32}}
	if got := TilingFor(a).GPU; got != (GPUTiling{}) {
		t.Errorf("a software adapter: got %+v, want none", got)
	}
}

func TestTilingChanges(t *testing.T) {
	changed := gpuTiling
	changed.Tile, changed.Run = 16, 1
	if got, want := changed.Changes(gpuTiling), "run 8 → 1, tile 4 → 16"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := gpuTiling.Changes(gpuTiling); got != "" {
		t.Errorf("nothing changed: got %q", got)
	}
}

// Tilings of dispatches alone leave an adapter its own default. Each is checked.
func TestTilingsOr(t *testing.T) {
	a := engine.Adapter{Name: "card", Limits: engine.Limits{WorkgroupSize: 256, WorkgroupStorage: 32 << 10}}
	got, err := Tilings{Of: TilingsByKey{"a": gpuTiling}}.Or(a)
	if err != nil || got.Default != TilingFor(a) || got.Of["a"] != gpuTiling {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := (Tilings{Of: TilingsByKey{"a": gpuTiling, "b": {}}}).Or(a); err == nil || !strings.Contains(err.Error(), `"b": nn: tiling: workgroup of 0`) {
		t.Errorf("a tiling of zeros: got %v", err)
	}
}

// The tiling of a key is that of one dispatch alone.
func TestTilingsOfDispatch(t *testing.T) {
	n := &Node{Module: Module{Layer: Conv2d{In: 3, Out: 4, Kernel: 3}, In: Shape{3, 8, 8}, Out: Shape{4, 6, 6}}, Batch: 2}
	n.Default = cpuTiling
	n.Of = TilingsByKey{n.Key("forward"): gpuTiling}
	for entry, want := range map[string]Tiling{"forward": gpuTiling, "backward_input": cpuTiling, "backward_weight": cpuTiling} {
		if got := n.tiling(entry); got != want {
			t.Errorf("%s: got %+v, want %+v", entry, got, want)
		}
	}
	n.Batch = 3
	if got := n.tiling("forward"); got != cpuTiling {
		t.Errorf("another batch size: got %+v, want the default", got)
	}
}

// Tilings in JSON: the default alone as ever, and those of dispatches beside it. A file that holds
// more than any network has is refused.
func TestTilingsJSON(t *testing.T) {
	for _, tilings := range []Tilings{{Default: cpuTiling}, {Default: cpuTiling, Of: TilingsByKey{"a": gpuTiling}}} {
		text, err := json.Marshal(tilings)
		if err != nil {
			t.Fatal(err)
		}
		var again Tilings
		if err := json.Unmarshal(text, &again); err != nil || again.Default != cpuTiling || !maps.Equal(again.Of, tilings.Of) {
			t.Errorf("%s: got %+v, %v", text, again, err)
		}
		if got := strings.Contains(string(text), `"tilings"`); got != (tilings.Of != nil) {
			t.Errorf("tilings by key in %s: %v", text, got)
		}
	}
	many := TilingsByKey{}
	for i := range MaxTilings + 1 {
		many[fmt.Sprint(i)] = gpuTiling
	}
	for want, tilings := range map[string]TilingsByKey{
		"nn: tilings of 1001 dispatches: want 1000 or fewer": many,
		"nn: tilings: a key of 201 bytes: want 200 or fewer": {strings.Repeat("a", 201): gpuTiling},
	} {
		text, err := json.Marshal(Tilings{Of: tilings})
		if err != nil {
			t.Fatal(err)
		}
		var again Tilings
		if err := json.Unmarshal(text, &again); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
