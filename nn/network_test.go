package nn

import "testing"

// Fusing saves the dispatches of the ReLUs; the gradient of the input, which
// nobody asks for, is not computed.
func TestFusedPlan(t *testing.T) {
	model, err := NewLab("base", Shape{32, 32, 3}, LabOptions{Classes: 3})
	if err != nil {
		t.Fatal(err)
	}
	for fuse, want := range map[bool][2]int{true: {4, 6}, false: {6, 8}} {
		net := NewNetwork(model, 128, gpuTiling, fuse, true)
		if got := [2]int{len(net.Forward), len(net.Backward)}; got != want {
			t.Errorf("fuse %v: %v dispatches forward and backward, want %v\n%v%v", fuse, got, want, net.Forward, net.Backward)
		}
	}
}
