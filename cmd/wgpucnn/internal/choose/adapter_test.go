package choose

import "testing"

func TestFirstBackend(t *testing.T) {
	for list, want := range map[string]string{
		"vulkan": "vulkan", "VK": "vulkan", " vulkan ": "vulkan", "metal": "metal", "mtl": "metal", "dx12": "dx12", "d3d12": "dx12",
		"gl": "gl", "gles": "gl", "OpenGL": "gl", "auto": "auto", "webgpu,dx11,gl,vulkan": "gl", "cuda": "", "": "", ",": "", "vulkan gl": "",
	} {
		if got := firstBackend(list); got != want {
			t.Errorf("%q: got %q, want %q", list, got, want)
		}
	}
}
