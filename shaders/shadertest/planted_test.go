package shadertest_test

import (
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders/shadertest"
)

func TestPlantedFaults(t *testing.T) {
	dev, right := enginetest.Open(t), saxpyText
	defer func() { saxpyText = right }()
	for _, fault := range []struct{ old, new, found string }{
		{"id.x < N", "id.x <= N", "a stray write"},
		{"id.x < N", "id.x < N - 1u", "worst at index 64 of 65"},
		{"+= 2.5", "+= 2.4999", "worst at index"},
		{"x[id.x];", "x[id.x + 1u];", "worst at index 64 of 65"},
		{"y[id.x] +=", "y[N - 1u - id.x] +=", "worst at index"},
		{"id.x < N", "id.x < M", "does not compile"},
	} {
		saxpyText = strings.Replace(right, fault.old, fault.new, 1)
		if o := shadertest.Try(dev, saxpy{65}); o.Err == nil || !strings.Contains(o.Err.Error(), fault.found) {
			t.Errorf("%s: got %v, want %s", fault.new, o.Err, fault.found)
		}
	}
}
