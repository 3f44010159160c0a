package nn

import (
	"fmt"
	"math"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders/ref"
)

func TestCrossEntropy(t *testing.T) {
	dev := enginetest.Open(t)
	for _, c := range []struct {
		classes, count, batch, step int
		scale                       float32
	}{
		{3, 1500, 128, 0, 1},
		{3, 1500, 128, 11, 1},  // 92 rows
		{3, 1500, 128, 23, 1},  // the next epoch's
		{100, 129, 64, 2, 5},   // 1 row
		{2, 1, 1, 0, 1},        //
		{10, 65, 65, 7, 30},    // one more row than invocations, slot 7 of 5
		{4, 200, 200, 0, 1000}, // exp overflows unless the maximum is taken off
	} {
		t.Run(fmt.Sprintf("%d classes %d/%d step %d", c.classes, c.count, c.batch, c.step), func(t *testing.T) {
			r := newRig(t, dev)
			logits, targets := r.few(c.batch*c.classes), make([]uint32, c.batch) // equal logits are frequent
			for i := range logits {
				logits[i] *= c.scale
			}
			for i := range targets {
				targets[i] = uint32(r.random.IntN(c.classes))
			}
			s := newSource("set", Shape{1}, c.count, c.batch, 1)
			t.Cleanup(s.release)
			r.must(dev.Allocate(s.counter))
			net := &network{model: &Sequential{Modules: []Module{{Out: Shape{c.classes}}}}, logits: r.input("logits", logits)}
			target, dlogits := r.ints("targets", targets), r.output("dlogits", len(logits))
			loss, correct, gradient := ref.CrossEntropy(wide(logits), c.classes, targets, s.rows(c.step))
			const ring = 5
			for _, d := range []engine.View{dlogits, {}} {
				metrics := r.output("metrics", 2*ring)
				r.must(dev.Write(s.counter.All(), engine.Bytes([]uint32{uint32(c.step)})))
				r.run(crossEntropy(net, s, target, metrics, d))
				slot := c.step % ring
				for i, v := range r.read(metrics) {
					if i/2 != slot && !math.IsNaN(float64(v)) {
						t.Errorf("slot %d was written, want %d alone", i/2, slot)
					}
				}
				within(t, "metrics", r.read(metrics)[2*slot:2*slot+2], []float64{loss, float64(correct)}, 1e-6, 1e-5)
				counter := make([]uint32, 1)
				r.must(engine.Read(dev, s.counter.All(), counter))
				if int(counter[0]) != c.step+1 {
					t.Errorf("the counter is %d after step %d", counter[0], c.step)
				}
			}
			within(t, "dlogits", r.read(dlogits), gradient, 1e-7, 1e-5)
		})
	}
}
