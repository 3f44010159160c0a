package engine_test

import (
	"testing"

	"wgpucnn/engine/enginetest"
)

// Vulkan tells the number of an adapter's maker.
func TestVendor(t *testing.T) {
	if a := enginetest.Open(t).Adapter(); a.Backend == "Vulkan" && a.Vendor == 0 {
		t.Errorf("%v has no number of its maker", a)
	}
}
