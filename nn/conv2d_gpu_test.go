package nn

import (
	"fmt"
	"testing"

	"wgpucnn/engine"
)

// node returns a convolution among square maps, as an adapter with so much workgroup memory runs it.
func gpuNode(l Conv2d, size, batch, memory int) *Node {
	out, err := l.OutShape(Shape{l.In, size, size})
	if err != nil {
		panic(err)
	}
	tiling := TilingFor(engine.Adapter{Type: engine.DiscreteGPU, Limits: engine.Limits{WorkgroupStorage: memory}})
	return &Node{Module: Module{Layer: l, In: Shape{l.In, size, size}, Out: out}, Tilings: Tilings{Default: tiling}, Batch: batch}
}

// Whatever the shape, the kernels of the GPU family stay within WebGPU's default limits and have
// no small workgroup.
func TestGPUTile(t *testing.T) {
	for _, kernel := range []int{1, 2, 3, 4, 5, 7, 9, 11} {
		for _, stride := range []int{1, 2, 3, 4} {
			for _, channels := range []int{1, 3, 32, 2048} {
				for _, size := range []int{1, 2, 8, 31, 512} {
					for _, batch := range []int{1, 128} {
						l := Conv2d{In: channels, Out: 2049 - channels, Kernel: kernel, Stride: stride, Padding: kernel / 2}
						n := gpuNode(l, size, batch, 16<<10)
						for _, entry := range []string{"forward", "backward_input"} {
							name := fmt.Sprint(n.Key(entry))
							tile, ok := l.gpuTile(n, entry)
							if !ok {
								t.Errorf("%s: the family does not take it", name)
								continue
							}
							if got := tile.memory(); got > 16<<10 {
								t.Errorf("%s: %d bytes of workgroup memory", name, got)
							}
							if got := tile.workgroup(); got < 64 || got > 256 {
								t.Errorf("%s: a workgroup of %d", name, got)
							}
							covered := Shape{tile.blocks * tile.block(), tile.tilesY * tile.rows, tile.tilesX * tile.runs * tile.run}
							for i, want := range tile.target {
								if covered[i] < want {
									t.Errorf("%s: the tiles cover %v of %v", name, covered, tile.target)
								}
							}
							if entry == "backward_input" && tile.tilesX*tile.runs > 1 && tile.run%stride != 0 {
								t.Errorf("%s: runs of %d", name, tile.run)
							}
						}
					}
				}
			}
		}
	}
}

// The cuts of the lab's second convolution are those that were measured to be fast on an H100.
func TestGPUTileOfLab(t *testing.T) {
	l := Conv2d{In: 32, Out: 64, Kernel: 3, Padding: 1}
	n := gpuNode(l, 8, 128, 48<<10)
	for entry, want := range map[string]string{
		"forward":        "[256 1 2] workgroups of 128, 8 channels a chunk, 2 shares",
		"backward_input": "[256 1 2] workgroups of 128, 16 channels a chunk, 4 shares",
	} {
		tile, _ := l.gpuTile(n, entry)
		groups := tile.workgroups(n)
		got := fmt.Sprintf("[%d %d %d] workgroups of %d, %d channels a chunk, %d shares", groups[0]*groups[2], groups[1], groups[2], tile.workgroup(), tile.chunk, tile.split)
		if got != want {
			t.Errorf("%s: got %s, want %s", entry, got, want)
		}
	}
}

// Every value of a parameter has a place of its own in a copy.
func TestConv2dPacks(t *testing.T) {
	l := Conv2d{In: 5, Out: 7, Kernel: 3, Stride: 2, Padding: 1}
	n := gpuNode(l, 9, 3, 16<<10)
	n.DX = []engine.View{engine.NewBuffer("dx", 4).All()}
	packings := l.Packs(n)
	if len(packings) != 2 {
		t.Fatalf("%d copies, want 2", len(packings))
	}
	for i, packing := range packings {
		seen := map[int]bool{}
		for param, p := range l.Params() {
			for k := range p.Shape.Size() {
				at := packing.Place(param, k)
				if (at < 0) != (i == 1 && param == 1) {
					t.Errorf("copy %d: place %d of value %d of %s", i, at, k, p.Name)
				}
				if at >= packing.Size || at >= 0 && seen[at] {
					t.Errorf("copy %d: value %d of %s goes to %d of %d, or another does too", i, k, p.Name, at, packing.Size)
				}
				seen[at] = true
			}
		}
	}
	n.DX[0] = engine.View{}
	if packings := l.Packs(n); len(packings) != 1 {
		t.Errorf("%d copies without a gradient of x, want 1", len(packings))
	}
	n.Default.GPU = GPUTiling{}
	if packings := l.Packs(n); len(packings) != 0 {
		t.Errorf("%d copies without the GPU family, want 0", len(packings))
	}
}
