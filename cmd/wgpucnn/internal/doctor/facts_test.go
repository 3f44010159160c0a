package doctor

import (
	"context"
	"strings"
	"testing"

	"wgpucnn/engine"
)

// The page says why an adapter is the best.
func TestWhy(t *testing.T) {
	backend := []Variable{{Name: "WGPU_BACKEND", Value: "gl"}}
	for _, c := range []struct {
		adapters  []engine.Adapter
		wanted    string
		variables []Variable
		best      int
		want      string
	}{
		{[]engine.Adapter{llvmpipe}, "", nil, 0, "it is the only adapter"},
		{[]engine.Adapter{opengl}, "", nil, 0, "it is the only adapter; OpenGL is taken because the system's own API has no adapter"},
		{[]engine.Adapter{opengl}, "", backend, 0, "it is the only adapter; WGPU_BACKEND=gl chose the backend"},
		{[]engine.Adapter{llvmpipe, graphics, radeon}, "", nil, 2, "it is the only discrete GPU; the order is discrete GPU, integrated GPU, unknown, CPU"},
		{[]engine.Adapter{llvmpipe, geforce, radeon}, "", nil, 1, "it is the first of 2 of type discrete GPU; the order is discrete GPU, integrated GPU, unknown, CPU"},
		{[]engine.Adapter{geforce, radeon}, "", nil, 0, "it is the first; all adapters are of type discrete GPU"},
		{[]engine.Adapter{geforce, radeon}, "radeon", nil, 1, "WGPU_ADAPTER_NAME=radeon chose it"},
	} {
		f := Facts{Probe: Probe{Adapters: c.adapters}, Wanted: c.wanted, Variables: c.variables}
		if d := Judge(f); d.Best != c.best || d.Why != c.want {
			t.Errorf("%v, %q: got %d, %q; want %d, %q", c.adapters, c.wanted, d.Best, d.Why, c.best, c.want)
		}
	}
}

// The watchdog is that of the card's kernel driver, with the figure that the kernel shows, or that of
// the system.
func TestWatchdog(t *testing.T) {
	const parameter, xe = "sys/module/amdgpu/parameters/lockup_timeout", slot + "tile0/gt0/engines/rcs/job_timeout_ms"
	unmatched := radeon
	unmatched.Vendor, unmatched.Device = 0, 0
	for name, c := range map[string]struct {
		machine
		seconds float64
		want    string
	}{
		"amdgpu":              {sound(radeon, "amdgpu", radv), 10, "a submission of more than 10 s: amdgpu resets the card (docs.kernel.org, "},
		"amdgpu, empty":       {sound(radeon, "amdgpu", radv).with(parameter, "\n"), 10, "10 s: amdgpu"},
		"amdgpu, 0":           {sound(radeon, "amdgpu", radv).with(parameter, "0\n"), 10, "10 s: amdgpu"},
		"amdgpu, set":         {sound(radeon, "amdgpu", radv).with(parameter, "2500,60000,10000,10000\n"), 2.5, "more than 2.5 s: amdgpu"},
		"amdgpu, off":         {sound(radeon, "amdgpu", radv).with(parameter, "-1\n"), 0, "none: it is turned off"},
		"i915":                {sound(arc, "i915", anv), 20, "i915 ends the submission"},
		"xe":                  {sound(arc, "xe", anv), 5, "5 s: xe"},
		"xe, set":             {sound(arc, "xe", anv).with(xe, "7000\n"), 7, "7 s: xe"},
		"nouveau":             {sound(geforce, "nouveau", nvidiaICD), 10, "10 s: nouveau"},
		"nvidia":              {sound(geforce, "nvidia", nvidiaICD), 0, "no figure is documented"},
		"Windows":             {machine{os: "windows", drivers: map[string][]engine.Adapter{"d3d12": {graphics}}}, 2, "2 s: Windows"},
		"macOS":               {machine{os: "darwin", drivers: map[string][]engine.Adapter{"metal": {graphics}}}, 0, "no figure is documented; Metal"},
		"a card by no number": {sound(radeon, "amdgpu", radv).offers(radv, unmatched), 0, "not known for this driver"},
		"OpenGL":              {sound(radeon, "amdgpu", radv).says("devices", asJSON([]engine.Adapter{radeonGL})), 10, "10 s: amdgpu"},
		"one of two cards":    {sound(radeon, "amdgpu", radv).with(slot2+"class", "0x030000", slot2+"vendor", "0x1002").says("devices", asJSON([]engine.Adapter{radeonGL})), 0, "not known for this driver"},
		"software":            {sound(radeon, "amdgpu", radv).without(radv), 0, "none: the adapter computes on the CPU"},
	} {
		if w := c.diagnose(t).Watchdog; w.Seconds != c.seconds || !strings.Contains(w.String(), c.want) {
			t.Errorf("%s: got %v s, %v; want %v s, %q", name, w.Seconds, w, c.seconds, c.want)
		}
	}
}

// The memory of a card is what its kernel driver or its maker's program tells.
func TestMemory(t *testing.T) {
	apu := radeon
	apu.Type = engine.IntegratedGPU
	for name, c := range map[string]struct {
		machine
		want string
	}{
		"amdgpu":     {sound(radeon, "amdgpu", radv).with(slot+"mem_info_vram_total", "8573157376\n"), "8.0 GiB of its own"},
		"xe":         {sound(arc, "xe", anv).with(slot+"tile0/physical_vram_size_bytes", "0x180000000\n"), "6 GiB of its own"},
		"NVIDIA":     {sound(geforce, "nvidia", nvidiaICD).says("nvidia-smi", Output{Out: "00000000:01:00.0, 24576\n00000000:03:00.0, 12288\nnonsense\n"}), "12 GiB of its own"},
		"i915":       {sound(arc, "i915", anv), "not known: neither the API nor the system tells it"},
		"APU":        {sound(apu, "amdgpu", radv).with(slot+"mem_info_vram_total", "536870912"), "that of the machine"},
		"integrated": {sound(graphics, "i915", anv), "that of the machine"},
		"software":   {sound(radeon, "amdgpu", radv).without(radv), "that of the machine"},
	} {
		if got := c.diagnose(t).Memory; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// Vulkan's loader is found where the linker finds it.
func TestLoader(t *testing.T) {
	base := sound(radeon, "amdgpu", radv)
	for _, c := range []struct {
		machine
		want string
	}{
		{base, "/lib/libvulkan.so.1"},
		{base.with("etc/ld.so.cache", "x\x00libvulkan.so.1\x00other\x00"), "libvulkan.so.1"},
		{base.with("etc/ld.so.cache", "libvulkan.so.11\x00"), ""},
		{base.with("etc/ld.so.cache", "-", "usr/lib64/libvulkan.so.1", ""), "/usr/lib64/libvulkan.so.1"},
		{base.variable("LD_LIBRARY_PATH", ":relative:/opt/none:/opt/sdk/").with("opt/sdk/libvulkan.so.1", "", "relative/libvulkan.so.1", ""), "/opt/sdk/libvulkan.so.1"},
	} {
		m := Machine{OS: "linux", Root: c.machine, Getenv: func(name string) string { return c.env[name] }}
		if got := m.loader(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// Of several variables, the finding names the one that hides the adapter, or all if only all do.
func TestVariables(t *testing.T) {
	m := sound(radeon, "amdgpu", radv).offers("/x.json")
	for _, c := range []struct {
		machine
		want string
	}{
		{m.variable("VK_DRIVER_FILES", "/x.json").variable("VK_LOADER_DRIVERS_SELECT", "*"), "unset VK_DRIVER_FILES"},
		{m.variable("VK_DRIVER_FILES", "/x.json").variable("WGPU_BACKEND", "gl"), "unset VK_DRIVER_FILES WGPU_BACKEND"},
		{m.variable("VK_LOADER_DRIVERS_SELECT", "*"), ""},
	} {
		d := c.diagnose(t)
		got := ""
		if len(d.Findings) > 0 {
			got = d.Findings[0].Mend
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.env, got, c.want)
		}
	}
}

// Collect ends soon after its context, and starts no training step.
func TestCollectStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m, asked := sound(radeon, "amdgpu", radv), 0
	_, err := Collect(ctx, Machine{
		OS: m.os, Root: m, Getenv: func(string) string { return "" }, DriverFiles: func() (string, []string) { return "", []string{radv, lavapipe} },
		Run: func(c Command) Output {
			asked++
			cancel()
			return m.run(c)
		},
	}, func(string) func() { return func() {} })
	if err != context.Canceled || asked != 1 {
		t.Errorf("got %v after %d processes", err, asked)
	}
}

// An adapter of a better type is better, and one of the system's own API in place of OpenGL.
func TestBetter(t *testing.T) {
	for _, c := range []struct {
		a, than []engine.Adapter
		want    bool
	}{
		{nil, nil, false}, {nil, []engine.Adapter{opengl}, false}, {[]engine.Adapter{opengl}, nil, true},
		{[]engine.Adapter{llvmpipe, radeon}, []engine.Adapter{llvmpipe}, true}, {[]engine.Adapter{llvmpipe}, []engine.Adapter{llvmpipe, radeon}, false},
		{[]engine.Adapter{llvmpipe}, []engine.Adapter{opengl}, true}, {[]engine.Adapter{opengl}, []engine.Adapter{llvmpipe}, false},
		{[]engine.Adapter{opengl}, []engine.Adapter{opengl}, false}, {[]engine.Adapter{llvmpipe}, []engine.Adapter{radeonGL}, false},
	} {
		if got := better(c.a, c.than); got != c.want {
			t.Errorf("%v than %v: got %v", c.a, c.than, got)
		}
	}
}

// A broken driver file may hide the others. The finding says so if it does.
func TestHidden(t *testing.T) {
	m := sound(radeon, "amdgpu", radv).offers(icd+"x.json").says(icd+"x.json", Output{Hung: true})
	const hides = " It hides all other drivers."
	for name, c := range map[string]struct {
		machine
		want bool
	}{
		"hides":    {m, true},
		"harmless": {m.says("devices", asJSON([]engine.Adapter{radeon})), false},
		"alone":    {m.without(radv, lavapipe), false},
	} {
		if d := c.diagnose(t); d.Findings[0].Name != "driver-hangs" || strings.HasSuffix(d.Findings[0].What, hides) != c.want {
			t.Errorf("%s: got %+v", name, d.Findings)
		}
	}
}
