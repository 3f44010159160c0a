package doctor

import (
	"bytes"
	"strings"
	"testing"
)

// The page of a machine whose card may not be used.
func TestPrint(t *testing.T) {
	d := sound(radeon, "amdgpu", radv).with(renderNode, "denied", slot+"mem_info_vram_total", "8573157376").diagnose(t)
	d.System.Arch, d.System.Cores = "amd64", 16
	d.Probe.Adapters[0].Limits.BufferSize, d.Probe.Adapters[0].Limits.BindingSize = 1<<31, 1<<27
	var page bytes.Buffer
	d.Print(&page)
	want := strings.TrimPrefix(`
system    Debian GNU/Linux 12 (bookworm), amd64, kernel 6.1.0-18-amd64
cpu       AMD Ryzen 5, cores: 16
memory    1 GiB, available: 512 MiB
card      AMD 1002:7480, kernel driver: amdgpu, memory: 8.0 GiB
devices   /dev/dri/renderD128 (may not be opened), /dev/nvidiactl
loader    /lib/libvulkan.so.1
driver    /usr/share/vulkan/icd.d/lvp_icd.json: llvmpipe
driver    /usr/share/vulkan/icd.d/radeon_icd.json: no adapter

adapters  0: llvmpipe (Vulkan, Mesa 25.0.7), type CPU
gpu       none of the adapters: they compute on the CPU; the findings tell why
best      0, because it is the only adapter
limits    memory: that of the machine; a buffer: 2 GiB; a binding: 128 MiB
watchdog  none: the adapter computes on the CPU
step      20.00 ms for a training step of base batch 128 (quartiles 19.00 to 21.00), 50.0 steps a second

finding   permission: Your user may not open /dev/dri/renderD128.
mend      sudo usermod -aG render $USER, then log in again
`, "\n")
	if got := page.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	page.Reset()
	sound(radeon, "amdgpu", radv).diagnose(t).Print(&page)
	if !strings.HasSuffix(page.String(), "\n\nfindings  none\n") {
		t.Errorf("without findings:\n%s", page.String())
	}
	page.Reset()
	sound(radeon, "amdgpu", radv).variable("VK_DRIVER_FILES", "/\x1b[31m.json").diagnose(t).Print(&page)
	if strings.Contains(page.String(), "\x1b") || !strings.Contains(page.String(), `/\x1b[31m.json`) {
		t.Errorf("with a file of a strange name:\n%s", page.String())
	}
}
