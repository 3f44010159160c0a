package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

// hungry is a kernel with so many invocations and words of memory a workgroup.
func hungry(invocations, words int) engine.Kernel {
	return engine.Kernel{
		File: "hungry", Entry: "main",
		Text: `var<workgroup> words: array<u32, WORDS>;
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  words[lane % WORDS] = lane;
  workgroupBarrier();
  y[0] = words[0];
}
`,
		Constants: shaders.Constants{{Name: "WORKGROUP", Value: invocations}, {Name: "WORDS", Value: words}},
	}
}

// compile compiles a kernel that writes to y.
func compile(dev *engine.Device, k engine.Kernel) error {
	y := engine.NewBuffer("y", 4)
	defer engine.Release(y)
	program, err := dev.Compile(engine.Plan{{Kernel: k, Bindings: []engine.Binding{{Name: "y", View: y.All()}}, Workgroups: [3]int{1, 1, 1}}})
	if err == nil {
		program.Release()
	}
	return err
}

// Compile refuses kernels whose workgroups are larger than the adapter's limits, and kernels whose
// memory it cannot add up. It does not ask the driver.
func TestWorkgroupLimits(t *testing.T) {
	dev := enginetest.Open(t)
	if err := compile(dev, hungry(64, 64)); err != nil {
		t.Error(err)
	}
	limits := dev.Adapter().Limits
	most := limits.WorkgroupStorage / 16 * 16
	for _, c := range []struct {
		kernel engine.Kernel
		want   string
	}{
		{hungry(limits.WorkgroupSize+1, 1), fmt.Sprintf("engine: hungry.main: %d invocations a workgroup: beyond the adapter's limits: it takes %d", limits.WorkgroupSize+1, limits.WorkgroupSize)},
		{hungry(1, most/4+1), fmt.Sprintf("engine: hungry.main: %d bytes of workgroup memory: beyond the adapter's limits: it has %d", most+16, limits.WorkgroupStorage)},
		{hungry(1, 1<<30), "engine: hungry.main: 4294967296 bytes of workgroup memory: beyond"},
	} {
		if err := compile(dev, c.kernel); !errors.Is(err, engine.ErrLimit) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.kernel.Constants, err, c.want)
		}
	}
	k := hungry(1, 1)
	k.Text = strings.Replace(k.Text, "WORDS>", "arrayLength(&y)>", 1)
	if err := compile(dev, k); err == nil || !strings.Contains(err.Error(), "engine: hungry.main: shaders: workgroup memory: words: length") {
		t.Errorf("an unknown length: got %v", err)
	}
}
