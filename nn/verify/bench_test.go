package verify

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

// Each kernel alone, at the lab's sizes: the cases whose label begins so.
//
//	go test ./nn/verify -run none -bench Operations/conv2d -count 10 >new.txt
//	benchstat old.txt new.txt
func BenchmarkOperations(b *testing.B) {
	dev := enginetest.Open(b)
	for _, o := range operations() {
		for _, c := range o.cases {
			if !strings.HasPrefix(c.name(), "lab") {
				continue
			}
			r := newRig(nil, c.name())
			c.try(r)
			for i, d := range slices.Concat(r.plans...) {
				b.Run(fmt.Sprintf("%s/%s/%d_%s", o.name, plain(c.name()), i, d.Kernel.Entry), func(b *testing.B) {
					r.bench(b, dev, d)
					b.ReportMetric(float64(d.Bytes*b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
				})
			}
		}
	}
}

// bench times a dispatch of a case alone.
func (r *rig) bench(b *testing.B, dev *engine.Device, d engine.Dispatch) {
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
	b.ReportMetric(float64(d.Flops*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// tiling finds a case's tiling in its label, which another commit may choose otherwise.
var tiling = regexp.MustCompile(`\{[^}]*\}`)

// marks finds what benchstat or a pattern of -bench would take for more than a name.
var marks = regexp.MustCompile(`[^A-Za-z0-9.]+`)

// plain returns a label without its tiling and in letters, digits and dots, so that the
// benchmarks of two commits have the same names.
func plain(label string) string {
	return strings.Trim(marks.ReplaceAllString(tiling.ReplaceAllString(label, ""), "_"), "_")
}
