package nn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/engine"
)

// Tiling says how a dispatch of a convolution is cut into workgroups on an adapter. Results depend
// on it by rounding alone: the same weights to the last bit take the same tiling.
//
// There are two families of kernels. conv2d.wgsl and linear.wgsl suit adapters that compute on a CPU.
// The files conv2d_gpu_*.wgsl and linear_gpu_*.wgsl suit GPUs. They run if GPU is set, for every
// shape that they take.
type Tiling struct {
	Workgroup  int `json:"workgroup"`  // invocations of a workgroup
	Run        int `json:"run"`        // neighbours in a row that an invocation of conv2d computes, at most
	Rows       int `json:"rows"`       // and rows
	Tile       int `json:"tile"`       // channels for which it computes them, at most
	WeightOut  int `json:"weight_out"` // output channels that one computes of the weight gradient, at most
	WeightIn   int `json:"weight_in"`  // and input channels of each
	Workgroups int `json:"workgroups"` // as many as a kernel should have, so as to fill the adapter
	Splits     int `json:"splits"`     // parts that a weight gradient may be split into, at most
	Memory     int `json:"memory"`     // bytes of a workgroup's memory that conv2d may take; 0 for none, and no Head unless GPU is set

	GPU GPUTiling `json:"gpu,omitzero"` // of the GPU family; zero if its kernels do not run
}

// GPUTiling cuts the kernels of the GPU family. All numbers are upper bounds, except for
// WeightSplit and Invocations.
type GPUTiling struct {
	Pixels      int `json:"pixels"`       // of a map that a workgroup computes
	Run         int `json:"run"`          // neighbours in a row that an invocation computes
	Channels    int `json:"channels"`     // that a workgroup computes
	Quads       int `json:"quads"`        // groups of four channels that an invocation computes
	Chunk       int `json:"chunk"`        // channels whose pixels and weights a workgroup holds at a time
	Split       int `json:"split"`        // invocations that share the sum of a pixel
	WeightOut   int `json:"weight_out"`   // output channels that a workgroup of backward_weight computes
	WeightIn    int `json:"weight_in"`    // and input channels
	WeightSplit int `json:"weight_split"` // invocations that share the sum of a weight, at least, if there are so many runs
	Parts       int `json:"parts"`        // parts that a weight gradient is split into
	Invocations int `json:"invocations"`  // as many as a kernel should have, so as to fill the adapter
	Memory      int `json:"memory"`       // bytes of a workgroup's memory

	// ImageMemory is bytes of a workgroup's memory for image_step.wgsl, which computes a training step of an
	// image in one workgroup. 0 if that kernel does not run.
	ImageMemory int `json:"image_memory,omitempty"`
}

// number is a field of a tiling, by its name in JSON and with its bounds.
type number struct {
	name        string
	value       int
	least, most int
}

func (t Tiling) numbers() []number {
	numbers := []number{
		{"workgroup", t.Workgroup, 1, 1024},
		{"run", t.Run, 1, 64},
		{"rows", t.Rows, 1, 16},
		{"tile", t.Tile, 1, 64},
		{"weight_out", t.WeightOut, 1, 64},
		{"weight_in", t.WeightIn, 1, 64},
		{"workgroups", t.Workgroups, 1, engine.DefaultLimits().WorkgroupsPerAxis},
		{"splits", t.Splits, 1, 4096},
		{"memory", t.Memory, 0, 1 << 20},
	}
	if t.GPU == (GPUTiling{}) {
		return numbers
	}
	return append(numbers, t.GPU.numbers()...)
}

func (t GPUTiling) numbers() []number {
	return []number{
		{"gpu.pixels", t.Pixels, 1, 1024},
		{"gpu.run", t.Run, 1, 64},
		{"gpu.channels", t.Channels, 4, 1024},
		{"gpu.quads", t.Quads, 1, 16},
		{"gpu.chunk", t.Chunk, 1, 256},
		{"gpu.split", t.Split, 1, 64},
		{"gpu.weight_out", t.WeightOut, 4, 1024},
		{"gpu.weight_in", t.WeightIn, 1, 1024},
		{"gpu.weight_split", t.WeightSplit, 1, 64},
		{"gpu.parts", t.Parts, 1, 4096},
		{"gpu.invocations", t.Invocations, 1, 1 << 30},
		{"gpu.memory", t.Memory, 1 << 10, 1 << 20},
		{"gpu.image_memory", t.ImageMemory, 0, 1 << 20},
	}
}

// Check returns an error unless an adapter can run the tiling: one that wraps
// engine.ErrLimit where it is beyond the adapter, another where it is beyond all sense.
func (t Tiling) Check(a engine.Adapter) error {
	for _, n := range t.numbers() {
		if n.value < n.least || n.value > n.most {
			return fmt.Errorf("nn: tiling: %s of %d: want %d to %d", n.name, n.value, n.least, n.most)
		}
	}
	if most := a.Limits.WorkgroupSize; t.Workgroup > most {
		return fmt.Errorf("nn: tiling: workgroup of %d invocations: %w: %s takes %d", t.Workgroup, engine.ErrLimit, a.Name, most)
	}
	if memory, most := max(t.Memory, t.GPU.Memory, t.GPU.ImageMemory), a.Limits.WorkgroupStorage; memory > most {
		return fmt.Errorf("nn: tiling: memory of %d bytes: %w: %s has %d a workgroup", memory, engine.ErrLimit, a.Name, most)
	}
	if most := a.Limits.StorageBuffers; t.GPU.ImageMemory > 0 && most < ImageStepBuffers {
		return fmt.Errorf("nn: tiling: image_memory of %d bytes: its kernel has %d storage buffers: %w: %s takes %d", t.GPU.ImageMemory, ImageStepBuffers, engine.ErrLimit, a.Name, most)
	}
	return nil
}

// String returns the numbers in the order of the fields: "{16 8 2 8 4 4 16 16 20480}", and behind
// them those of GPU if it is set.
func (t Tiling) String() string {
	var words []string
	for _, n := range t.numbers() {
		words = append(words, strconv.Itoa(n.value))
	}
	return "{" + strings.Join(words, " ") + "}"
}

// Changes returns the numbers that differ from another tiling's: "run 8 → 16, tile 8 → 4".
func (t Tiling) Changes(from Tiling) string {
	var changes []string
	before := append(from.numbers(), GPUTiling{}.numbers()...) // as many as there can be
	for i, n := range t.numbers() {
		if n.value != before[i].value {
			changes = append(changes, fmt.Sprintf("%s %d → %d", n.name, before[i].value, n.value))
		}
	}
	return strings.Join(changes, ", ")
}

// Tilings gives each dispatch of a convolution its tiling: that of its key, or the
// default. What is no convolution has the default.
type Tilings struct {
	Default Tiling       `json:"tiling,omitzero"`
	Of      TilingsByKey `json:"tilings,omitempty"`
}

// TilingsByKey are tilings of dispatches by Node.Key.
type TilingsByKey map[string]Tiling

// The most that a file may hold. Keys of the largest layers are shorter, and no network has so
// many convolutions.
const (
	MaxTilings = 1000
	maxKey     = 200 // bytes
)

// UnmarshalJSON returns an error for more tilings, or longer keys, than any network has.
func (t *TilingsByKey) UnmarshalJSON(data []byte) error {
	var all map[string]Tiling
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	if len(all) > MaxTilings {
		return fmt.Errorf("nn: tilings of %d dispatches: want %d or fewer", len(all), MaxTilings)
	}
	for key := range all {
		if len(key) > maxKey {
			return fmt.Errorf("nn: tilings: a key of %d bytes: want %d or fewer", len(key), maxKey)
		}
	}
	*t = all
	return nil
}

// Or returns the tilings to use on an adapter if a caller gave t: the adapter's own default for
// the zero value, else t's. It returns an error if the adapter cannot run a tiling.
func (t Tilings) Or(a engine.Adapter) (Tilings, error) {
	if t.Default == (Tiling{}) {
		t.Default = TilingFor(a)
	}
	if err := t.Default.Check(a); err != nil {
		return t, err
	}
	for _, key := range slices.Sorted(maps.Keys(t.Of)) {
		if err := t.Of[key].Check(a); err != nil {
			return t, fmt.Errorf("%q: %w", key, err)
		}
	}
	return t, nil
}

// Key names a dispatch of a convolution by all that its speed depends on: the entry point
// of conv2d.wgsl, the layer, the shape of its input and the batch size.
func (n *Node) Key(entry string) string {
	return fmt.Sprintf("%s %v%v*%d", entry, n.Layer, n.In, n.Batch)
}

// tiling returns the tiling of a dispatch of the node.
func (n *Node) tiling(entry string) Tiling {
	if t, ok := n.Tilings.Of[n.Key(entry)]; ok {
		return t
	}
	return n.Default
}

// Software adapters run a workgroup on one core, its invocations in the lanes of
// a vector register: they want workgroups of few vectors, and much work between loads, each
// of which they do lane by lane. GPUs want enough invocations to hide the latency of memory,
// and little memory for each.
var (
	cpuTiling = Tiling{Workgroup: 16, Run: 8, Rows: 2, Tile: 8, WeightOut: 4, WeightIn: 4, Workgroups: 16, Splits: 16, Memory: 20 << 10}
	gpuTiling = Tiling{Workgroup: 64, Run: 8, Rows: 1, Tile: 4, WeightOut: 2, WeightIn: 4, Workgroups: 256, Splits: 64, Memory: 8 << 10,
		GPU: GPUTiling{
			Pixels: 64, Run: 8, Channels: 64, Quads: 1, Chunk: 16, Split: 4, WeightOut: 64, WeightIn: 64, WeightSplit: 2, Parts: 128,
			Invocations: 32 << 10, Memory: 24 << 10,
		}}
)

// TilingFor returns the tiling that suits an adapter.
func TilingFor(a engine.Adapter) Tiling {
	t := gpuTiling
	if a.Type == engine.CPU {
		t = cpuTiling
	}
	if a.Backend == "OpenGL" { // where a workgroup's memory is cleared by a store for each value
		t.Memory, t.GPU = 0, GPUTiling{}
	}
	t.Memory, t.GPU.Memory = min(t.Memory, a.Limits.WorkgroupStorage), min(t.GPU.Memory, a.Limits.WorkgroupStorage)
	if t.GPU != (GPUTiling{}) && a.Backend == "Vulkan" && a.Limits.WorkgroupStorage >= imageMemory && a.Limits.StorageBuffers >= ImageStepBuffers {
		t.GPU.ImageMemory = imageMemory
	}
	return t
}

// imageMemory is the workgroup memory that image_step.wgsl takes for the lab's networks, at most. An
// adapter that has less has no such kernel. The kernel stores single components of vec4s, and
// neighbours belong to other invocations. Vulkan stores them alone; Metal and Direct3D may store
// whole vec4s.
const imageMemory = 48 << 10

// longestPart bounds the terms that one invocation adds up, which keeps float32
// sums short, and loops below the 65,535 iterations that some drivers end at.
const longestPart = 1 << 15

// split returns into how many parts the terms of a weight gradient are split that
// has so many workgroups a part.
func (t Tiling) split(terms, workgroups int) int {
	return max(CeilDiv(terms, longestPart), min(terms, t.Splits, CeilDiv(t.Workgroups, workgroups)))
}
