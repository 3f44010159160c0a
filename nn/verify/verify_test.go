package verify

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
	"wgpucnn/shaders/shadertest"
)

// devices is a pool of devices of the adapter under test.
type devices chan *engine.Device

// adapter returns the one under test.
func (pool devices) adapter() engine.Adapter {
	dev := <-pool
	defer func() { pool <- dev }()
	return dev.Adapter()
}

// openDevices opens one device for each test that runs at a time.
func openDevices(t *testing.T) devices {
	pool := make(devices, runtime.GOMAXPROCS(0))
	for range cap(pool) {
		pool <- enginetest.Open(t)
	}
	return pool
}

// try puts cases on trial, each as a subtest, and fails unless the adapter skips as many
// as it is known to.
func (pool devices) try(t *testing.T, cases []shadertest.Case, skips int) {
	var skipped atomic.Int32
	t.Cleanup(func() {
		t.Logf("%d cases, %d skipped", len(cases), skipped.Load())
		if got := int(skipped.Load()); got != skips {
			t.Errorf("%d cases were skipped, want %d", got, skips)
		}
	})
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			dev := <-pool
			defer func() {
				pool <- dev
				if t.Skipped() {
					skipped.Add(1)
				}
			}()
			shadertest.Check(t, dev, c)
		})
	}
}

// slow has how many cases take more workgroup memory than OpenGL's compiler clears in a moment.
var slow = map[string]int{"batch_norm2d": 119, "conv2d": 432, "conv2d_grouped": 83, "head": 304, "image_step": 36, "linear": 68, "muon": 54, "networks": 69}

// Every kernel against its twin.
func TestOperations(t *testing.T) {
	pool := openDevices(t)
	for _, o := range operations() {
		skips := 0
		if pool.adapter().Backend == "OpenGL" {
			skips = slow[o.name]
		}
		if (o.name == "linear" || o.name == "cross_entropy") && pool.adapter().Limits.Loops > 0 {
			skips++ // the long sum, and the most classes: more than the driver's loops have iterations
		}
		if o.name == "image_step" && skips == 0 && pool.adapter().Limits.WorkgroupStorage < 48<<10 {
			skips = len(labImageSteps())
		}
		t.Run(o.name, func(t *testing.T) { pool.try(t, o.cases, skips) })
	}
}

// Whole networks against their twins, fused against unfused.
func TestNetworks(t *testing.T) {
	pool := openDevices(t)
	skips := 0
	if pool.adapter().Backend == "OpenGL" {
		skips = slow["networks"]
	}
	pool.try(t, networkCases(), skips)
}

// The whole of training against PyTorch.
func TestTraining(t *testing.T) { openDevices(t).try(t, trainingCases(), 0) }

// Every entry point of every WGSL file has a case.
func TestEntryPoints(t *testing.T) {
	ran := map[string]bool{}
	for _, o := range operations() {
		if _, err := shaders.Load(o.name); err != nil {
			t.Errorf("the case table %s: %v", o.name, err)
		}
		for _, c := range o.cases {
			for _, d := range slices.Concat(shadertest.Try(nil, c).Plans...) {
				ran[d.Kernel.String()] = true
			}
		}
	}
	for _, name := range shaders.Names() {
		source, err := shaders.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range source.EntryPoints {
			if !ran[name+"."+entry] {
				t.Errorf("%s.%s has no case", name, entry)
			}
		}
	}
}
