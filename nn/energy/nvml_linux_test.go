package energy

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine"
)

// library builds the stand-in for NVML with these macros.
func library(t *testing.T, macros ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "libnvml.so")
	compiler, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-shared", "-fPIC", "-o", file, "testdata/nvml.c"}, macros...)
	if out, err := exec.Command(strings.TrimSpace(string(compiler)), args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// NVML's meter belongs to the only card with the adapter's numbers. A card cut into instances has
// none, and one without a counter has a power.
func TestNVML(t *testing.T) {
	h100 := engine.Adapter{Type: engine.DiscreteGPU, Backend: "Vulkan", Vendor: nvidia, Device: 0x2330}
	for _, c := range []struct {
		name    string
		macros  []string
		counter bool
		err     string
	}{
		{"energy", []string{"-DDEVICES=3"}, true, ""},
		{"power", []string{"-DDEVICES=3", "-DENERGY=3"}, false, ""},
		{"another card", []string{"-DDEVICES=2"}, false, "NVML has no card 10de:2330"},
		{"two cards", []string{"-DDEVICES=4"}, false, "there are 2 cards of the kind 10de:2330"},
		{"instances", []string{"-DDEVICES=3", "-DMIG=1"}, false, "the card is cut into instances (MIG)"},
		{"no driver", []string{"-DINIT=9"}, false, "NVML: nvmlInit failed with code 9"},
		{"too old", []string{"-DOLD"}, false, "NVML is too old"},
		{"no cards", []string{"-DDEVICES=0"}, false, "NVML has no card"},
	} {
		m, err := find(h100, system{}, library(t, c.macros...))
		if c.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("%s: got %+v, %v; want %q", c.name, m, err, c.err)
			}
			continue
		}
		if err != nil || m.Name != "NVML" || (len(m.counters) == 1) != c.counter {
			t.Errorf("%s: got %+v, %v; want a counter: %t", c.name, m, err, c.counter)
			continue
		}
		if c.counter {
			if got, err := measured(m, 3*Window); err != nil || got != 250 {
				t.Errorf("%s: got %v J, %v; want 250", c.name, got, err)
			}
		} else if got, err := m.watts(); err != nil || got != 350.5 {
			t.Errorf("%s: got %v W, %v; want 350.5", c.name, got, err)
		}
	}
	if m, err := find(h100, system{}, "nowhere/libnvml.so"); err == nil || !strings.HasPrefix(err.Error(), "NVML is not there: nowhere/libnvml.so: ") {
		t.Errorf("got %+v, %v", m, err)
	}
}
