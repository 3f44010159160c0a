package shadertest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// Test tries each case as a subtest, on each adapter that WGPUCNN_ADAPTERS names, or on the best one. It
// reduces the first case that fails (see Reduce). Without an adapter it skips the test, or fails it if
// WGPUCNN_REQUIRE_GPU is 1.
func Test(t *testing.T, cases ...Case) {
	t.Helper()
	devices := enginetest.OpenAll(t)
	for _, dev := range devices {
		try := func(t *testing.T) {
			reduced := false
			for _, c := range cases {
				t.Run(c.Name(), func(t *testing.T) {
					o := Check(t, dev, c)
					if o.Err == nil || reduced {
						return
					}
					reduced = true
					if small, o := Reduce(t.Context(), dev, c, o); small.Name() != c.Name() {
						t.Errorf("the smallest case found with this fault, %s: %v", small.Name(), o.Err)
					}
				})
			}
		}
		if len(devices) == 1 {
			try(t)
		} else {
			t.Run(dev.Adapter().Name, try)
		}
	}
}

// Check fails a test if the case fails on a device. It skips the test if the adapter cannot run the case.
func Check(tb testing.TB, dev *engine.Device, c Case) Outcome {
	tb.Helper()
	o := Try(dev, c)
	switch {
	case errors.Is(o.Err, engine.ErrLimit):
		tb.Skip(o.Err)
	case o.Err != nil:
		tb.Error(o.Err)
	}
	return o
}

// Benchmark times each dispatch of each case alone, as a benchmark of its own. It names the benchmark by
// letters, digits and dots of the case's name, without what stands there in braces: these are settings
// that another commit may choose otherwise.
func Benchmark(b *testing.B, cases ...Case) {
	b.Helper()
	for _, dev := range enginetest.OpenAll(b) {
		for _, c := range cases {
			r := NewRig(nil, c.Name())
			c.Try(r)
			for i, d := range slices.Concat(r.Plans...) {
				b.Run(fmt.Sprintf("%s/%d_%s", plain(c.Name()), i, d.Kernel.Entry), func(b *testing.B) { r.Bench(b, dev, d) })
			}
		}
	}
}

var (
	settings = regexp.MustCompile(`\{[^}]*\}`)
	marks    = regexp.MustCompile(`[^A-Za-z0-9.]+`) // what benchstat or a pattern of -bench takes for more than a name
)

// plain returns the name of a case as that of a benchmark.
func plain(name string) string {
	return strings.Trim(marks.ReplaceAllString(settings.ReplaceAllString(name, ""), "_"), "_")
}

// Bench times a dispatch of the case alone. It reports the rates of the operations and bytes that the
// dispatch counts.
func (r *Rig) Bench(b *testing.B, dev *engine.Device, d engine.Dispatch) {
	b.Helper()
	program, err := r.load(dev, engine.Plan{d})
	if errors.Is(err, engine.ErrLimit) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Release(program.Buffers()...)
	defer program.Release()
	enginetest.Steady(b, dev, program)
	for unit, count := range map[string]int{"GFLOP/s": d.Flops, "GB/s": d.Bytes} {
		if count > 0 {
			b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds()/1e9, unit)
		}
	}
}
