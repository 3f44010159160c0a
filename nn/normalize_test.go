package nn

import (
	"fmt"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders/ref"
)

// The batch that a step takes: whole ones, a last one of 92 and of 1, epochs
// whose orders stand in a ring, images whose bytes fill no whole word.
func TestNormalize(t *testing.T) {
	dev := enginetest.Open(t)
	for _, c := range []struct {
		in           Shape
		count, batch int
		step         int
	}{
		{Shape{32, 32, 3}, 220, 128, 0},
		{Shape{32, 32, 3}, 220, 128, 1}, // 92 rows
		{Shape{5, 7, 3}, 9, 4, 2},       // 1 row
		{Shape{5, 7, 3}, 9, 4, 3},       // the second epoch
		{Shape{5, 7, 3}, 9, 4, 7},       // the third, in the first one's place
		{Shape{1, 1, 1}, 1, 1, 0},
		{Shape{3, 1, 2}, 5, 5, 1},
		{Shape{32, 32, 3}, 1371, 1371, 0}, // workgroups in two dimensions
	} {
		t.Run(fmt.Sprintf("%v %d/%d step %d", c.in, c.count, c.batch, c.step), func(t *testing.T) {
			r := newRig(t, dev)
			size, channels := c.in.Size(), c.in[2]
			const orders = 2
			s := newSource("set", c.in, c.count, c.batch, orders)
			pixels := make([]byte, s.images.Size())
			for i := range pixels {
				pixels[i] = byte(r.random.Uint32())
			}
			labels, order := make([]uint32, c.count), make([]uint32, orders*c.count)
			for i := range labels {
				labels[i] = uint32(10 + i)
			}
			for epoch := range orders {
				for i, row := range r.random.Perm(c.count) {
					order[epoch*c.count+i] = uint32(row)
				}
			}
			r.must(dev.Allocate(s.images, s.labels, s.order, s.counter))
			t.Cleanup(s.release)
			r.must(dev.Write(s.images.All(), pixels))
			r.must(dev.Write(s.labels.All(), engine.Bytes(labels)))
			r.must(dev.Write(s.order.All(), engine.Bytes(order)))
			r.must(dev.Write(s.counter.All(), engine.Bytes([]uint32{uint32(c.step)})))
			layer := Normalize{Mean: r.values(channels), Std: make([]float32, channels)}
			for i := range layer.Std {
				layer.Std[i] = 0.1 + r.random.Float32()
			}
			moments := r.input("moments", layer.moments())
			y, targets := r.output("y", c.batch*size), r.output("targets", c.batch)
			r.run(layer.record(s, c.in, moments, y, targets))

			rows := s.rows(c.step)
			gathered, want := make([]byte, 0, c.batch*size), make([]float64, c.batch)
			for i := range rows {
				row := order[c.step/s.steps%orders*c.count+c.step%s.steps*c.batch+i]
				gathered = append(gathered, pixels[int(row)*size:(int(row)+1)*size]...)
				want[i] = float64(labels[row])
			}
			normal := ref.Normalize(gathered, rows, c.in[0], c.in[1], channels, wide(layer.Mean), wide(layer.Std))
			within(t, "y", r.read(y), append(normal, make([]float64, (c.batch-rows)*size)...), 1e-6, 1e-6)
			within(t, "targets", integers(r.read(targets)), want, 0, 0)
		})
	}
}
