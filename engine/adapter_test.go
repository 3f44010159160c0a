package engine

import (
	"errors"
	"strings"
	"testing"
)

func TestChooseAdapter(t *testing.T) {
	adapters := []Adapter{
		{Name: "llvmpipe", Backend: "Vulkan", Type: CPU, Driver: "Mesa 25.0"},
		{Name: "Intel UHD", Backend: "Vulkan", Type: IntegratedGPU},
		{Name: "AMD Radeon RX 6800", Backend: "Vulkan", Type: DiscreteGPU, Driver: "radv"},
		{Name: "AMD Radeon RX 580", Backend: "Vulkan", Type: DiscreteGPU},
	}
	for _, c := range []struct {
		want  string
		index int
	}{
		{"", 2},    // the best type, the first of that type
		{"0", 0},   // a number
		{"uhd", 1}, // part of a name, in any case
		{"RX 58", 3},
		{"amd", 2},
		{"mesa", 0}, // users see the driver as part of the name
	} {
		if i, err := Choose(adapters, c.want); err != nil || i != c.index {
			t.Errorf("Choose %q: got %d, %v; want %d", c.want, i, err, c.index)
		}
	}
	for _, want := range []string{"4", "-1", "geforce"} {
		_, err := Choose(adapters, want)
		if !errors.Is(err, ErrNoAdapter) || !strings.Contains(err.Error(), "want one of 0 = llvmpipe (Vulkan, Mesa 25.0), 1 = Intel UHD (Vulkan), 2 = ") {
			t.Errorf("Choose %q: got %v; want ErrNoAdapter and the list of adapters", want, err)
		}
	}
}

func TestLoopLimit(t *testing.T) {
	for _, c := range []struct {
		driver, name string
		want         int
	}{
		{"Mesa 22.3.6 (LLVM 15.0.6)", "llvmpipe (LLVM 15.0.6, 256 bits)", 65535},
		{"Mesa 25.0.7-2~bpo12+1 (LLVM 15.0.6)", "llvmpipe (LLVM 15.0.6, 256 bits)", 0},
		{"", "llvmpipe (LLVM 15.0.6, 256 bits)", 65535},
		{"Mesa 22.3.6", "AMD Radeon RX 6800 (RADV NAVI21)", 0},
	} {
		if got := loopLimit(c.driver, c.name); got != c.want {
			t.Errorf("%s, %s: got %d, want %d", c.driver, c.name, got, c.want)
		}
	}
}

func TestUnknownBackend(t *testing.T) {
	if _, err := Adapters("cuda"); err == nil || !strings.Contains(err.Error(), `unknown backend "cuda"`) {
		t.Errorf("got %v", err)
	}
}

// Default limits lower those of a large adapter and do not raise those of a small one.
func TestAtMost(t *testing.T) {
	large := Limits{BufferSize: 1 << 40, BindingSize: 1 << 32, StorageBuffers: 1 << 20, WorkgroupStorage: 48 << 10, WorkgroupSize: 1024, WorkgroupsPerAxis: 1 << 31, Loops: 7}
	want := DefaultLimits()
	want.Loops = 7
	if got := large.atMost(DefaultLimits()); got != want {
		t.Errorf("a large adapter: got %+v, want %+v", got, want)
	}
	small := Limits{BufferSize: 1, BindingSize: 2, StorageBuffers: 3, WorkgroupStorage: 4, WorkgroupSize: 5, WorkgroupsPerAxis: 6}
	if got := small.atMost(DefaultLimits()); got != small {
		t.Errorf("a small adapter: got %+v, want %+v", got, small)
	}
}
