package nn

import (
	"slices"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders/ref"
)

// Reduce and update, apart and at once, over tensors whose sizes sit around that
// of a block, with momentum from the step before.
func TestSGD(t *testing.T) {
	dev := enginetest.Open(t)
	sgd := SGD{LR: 5e-3, Momentum: 0.9}
	type result struct{ w, v, gradient []float32 }
	run := func(t *testing.T, fused bool) result {
		r := newRig(t, dev)
		net := &network{params: engine.NewBuffer("params", 0), parts: engine.NewBuffer("parts", 0)}
		for i, size := range []int{1, 63, 64, 65, 1000} {
			net.weights = append(net.weights, net.params.Reserve(4*size))
			net.grads = append(net.grads, grad{net.parts.Reserve(4 * size * (i + 1)), i + 1})
		}
		o := newOptimiser(net)
		gradient := engine.NewBuffer("gradient", net.params.Size())
		buffers := []*engine.Buffer{net.params, net.parts, o.velocity, o.blocks, gradient}
		r.must(dev.Allocate(buffers...))
		t.Cleanup(func() { engine.Release(buffers...) })
		w, v, parts := r.values(net.params.Size()/4), r.values(net.params.Size()/4), r.values(net.parts.Size()/4)
		r.must(dev.Write(net.params.All(), engine.Bytes(w)))
		r.must(dev.Write(o.velocity.All(), engine.Bytes(v)))
		r.must(dev.Write(net.parts.All(), engine.Bytes(parts)))
		r.must(dev.Write(o.blocks.All(), engine.Bytes(o.table)))
		want := result{slices.Clone(w), slices.Clone(v), make([]float32, len(w))}
		if fused {
			r.run(o.reduceUpdate(net, sgd))
		} else {
			r.run(o.reduce(net, sgd, gradient.All()))
			r.run(o.update(net, sgd, gradient.All()))
		}
		got := result{r.read(net.params.All()), r.read(o.velocity.All()), r.read(gradient.All())}
		for i, view := range net.weights {
			first, size := view.Offset/4, view.Size/4
			sum := make([]float64, size)
			for j, p := range parts[net.grads[i].view.Offset/4:][:size*net.grads[i].splits] {
				sum[j%size] += float64(p)
			}
			wantW, wantV := wide(want.w[first:first+size]), wide(want.v[first:first+size])
			ref.SGD(wantW, wantV, sum, sgd.LR, sgd.Momentum)
			within(t, "w", got.w[first:first+size], wantW, 1e-6, 1e-6)
			within(t, "v", got.v[first:first+size], wantV, 1e-6, 1e-6)
			if !fused {
				within(t, "gradient", got.gradient[first:first+size], sum, 1e-6, 1e-6)
			}
			// What belongs to no tensor stays as it was.
			end := net.params.Size() / 4
			if i+1 < len(net.weights) {
				end = net.weights[i+1].Offset / 4
			}
			if !slices.Equal(got.w[first+size:end], want.w[first+size:end]) {
				t.Errorf("tensor %d: a stray write behind it", i)
			}
		}
		return got
	}
	apart, fused := run(t, false), run(t, true)
	if !slices.Equal(apart.w, fused.w) || !slices.Equal(apart.v, fused.v) {
		t.Error("reduce_update differs from reduce and update")
	}
}

func TestSGDCheck(t *testing.T) {
	for _, o := range []SGD{{LR: 0}, {LR: -1}, {LR: 1, Momentum: 1}, {LR: 1, Momentum: -0.1}} {
		if o.check() == nil {
			t.Errorf("%+v passed", o)
		}
	}
	if err := (SGD{LR: 5e-3, Momentum: 0.9}).check(); err != nil {
		t.Error(err)
	}
}
