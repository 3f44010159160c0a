package engine_test

import (
	"errors"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// A device with WebGPU's default limits refuses what a larger adapter could do.
func TestDefaultLimits(t *testing.T) {
	large := enginetest.Open(t).Adapter().Limits
	dev, err := engine.Open(engine.Options{DefaultLimits: true})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Release()
	if got := dev.Adapter().Limits; got.Loops != large.Loops || got.WorkgroupStorage > 16<<10 || got.BindingSize > 128<<20 {
		t.Errorf("limits %+v of an adapter with %+v", got, large)
	}
	if err := compile(dev, hungry(256, 4096)); err != nil {
		t.Error(err)
	}
	for _, k := range []engine.Kernel{hungry(257, 1), hungry(1, 4097)} {
		if err := compile(dev, k); !errors.Is(err, engine.ErrLimit) {
			t.Errorf("%v: got %v, want ErrLimit", k.Constants, err)
		}
	}
	vast := engine.NewBuffer("vast", 128<<20+4)
	if err := dev.Allocate(vast); !errors.Is(err, engine.ErrLimit) {
		t.Errorf("a buffer beyond 128 MiB: got %v, want ErrLimit", err)
	}
}
