package nn

import (
	"testing"

	"wgpucnn/engine"
)

// A layer at the start of a network computes no gradient of its input.
func TestBackwardWithoutInput(t *testing.T) {
	n := &Node{Module: Module{In: Shape{2, 4, 4}, Out: Shape{2, 4, 4}}, Tilings: Tilings{Default: cpuTiling}, Batch: 1}
	n.Grads = []Grad{{engine.NewBuffer("dw", 4).All(), 1}, {engine.NewBuffer("db", 4).All(), 1}}
	n.Weights, n.X, n.DX, n.Kept = make([]engine.View, 2), make([]engine.View, 1), make([]engine.View, 1), make([]engine.View, 1)
	for layer, want := range map[Layer]int{
		Conv2d{In: 2, Out: 2, Kernel: 1}: 1, Linear{In: 32, Out: 32}: 1, ReLU{}: 0, AvgPool2d{Kernel: 1}: 0, MaxPool2d{Kernel: 1}: 0,
	} {
		if plan := layer.(Operation).Backward(n, Step{}); len(plan) != want {
			t.Errorf("%v: %d dispatches, want %d", layer, len(plan), want)
		}
	}
}
