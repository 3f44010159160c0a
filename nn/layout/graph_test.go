package layout

import (
	"slices"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// trace returns a line for each dispatch: its kernel and the maps, logits and gradients that it binds.
func trace(plan engine.Plan) []string {
	var lines []string
	for _, d := range plan {
		words := []string{d.Kernel.String()}
		for _, b := range d.Bindings {
			if name := b.View.Buffer.Name; !slices.Contains([]string{"params", "parts", "train.counter", "train.tally", "targets"}, name) {
				words = append(words, name)
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

// gradients returns the trace of a training step from x to the gradients.
func gradients(network *nn.Network, fuse bool) []string {
	l := New(network, 2, software, fuse, true)
	return trace(l.Gradients(NewTally("train", nn.NewSource("train", network.In, 4, 2, 1, 0), 1)))
}

func compare(t *testing.T, name string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// A shortcut costs an addition forward, and another one backward where its gradient meets that of
// the body. Add itself has no dispatch backward.
func TestResidualPlan(t *testing.T) {
	conv := nn.Conv2d{In: 2, Out: 2, Kernel: 1}
	network := newTestModel(t, nn.Shape{4, 4, 3}, nn.Conv2d{In: 3, Out: 2, Kernel: 1},
		nn.Residual([]nn.Layer{conv, nn.ReLU{}, conv}, nil), nn.ReLU{}, nn.Flatten{}, nn.Linear{In: 32, Out: 3})
	compare(t, "fused", gradients(network, true), []string{
		"conv2d.forward x conv1",
		"conv2d.forward conv1 conv2",
		"conv2d.forward conv2 conv3",
		"add.forward conv3 conv1 add1",
		"relu.forward add1 relu2",
		"head.forward_backward relu2 features dlogits drelu2",
		"linear.backward_weight features dlogits",
		"relu.backward relu2 drelu2 dadd1",
		"conv2d.backward_weight conv2 dadd1",
		"conv2d.backward_input conv2 dadd1 dconv2",
		"conv2d.backward_weight conv1 dconv2",
		"conv2d.backward_input conv1 dconv2 dconv1.conv2",
		"add.forward dconv1.conv2 dadd1 dconv1",
		"conv2d.backward_weight x dconv1",
	})
	compare(t, "unfused", gradients(network, false), []string{
		"conv2d.forward x conv1",
		"conv2d.forward conv1 conv2",
		"relu.forward conv2 relu1",
		"conv2d.forward relu1 conv3",
		"add.forward conv3 conv1 add1",
		"relu.forward add1 relu2",
		"linear.forward relu2 linear1",
		"cross_entropy.forward_backward linear1 dlogits",
		"linear.backward_weight relu2 dlogits",
		"linear.backward_input relu2 dlogits drelu2",
		"relu.backward relu2 drelu2 dadd1",
		"conv2d.backward_weight relu1 dadd1",
		"conv2d.backward_input relu1 dadd1 drelu1",
		"relu.backward relu1 drelu1 dconv2",
		"conv2d.backward_weight conv1 dconv2",
		"conv2d.backward_input conv1 dconv2 dconv1.conv2",
		"add.forward dconv1.conv2 dadd1 dconv1",
		"conv2d.backward_weight x dconv1",
	})
}

// Sums go from the first taker of a value to the last in the order of the modules, whatever the order
// of an Add's inputs. An Add of a value with itself gives that value its gradient twice.
func TestSumPlan(t *testing.T) {
	conv := nn.Conv2d{In: 2, Out: 2, Kernel: 1}
	tail := []nn.Module{{Layer: nn.Flatten{}}, {Layer: nn.Linear{In: 8, Out: 3}}}
	for _, c := range []struct {
		name    string
		modules []nn.Module
		sums    []string
	}{
		{"three takers", []nn.Module{
			{Name: "x1", Layer: nn.Conv2d{In: 3, Out: 2, Kernel: 1}}, {Name: "a", Layer: conv}, {Name: "b", Layer: conv, Inputs: []string{"x1"}},
			{Name: "sum", Layer: nn.Add{}, Inputs: []string{"x1", "b", "a"}},
		}, []string{
			"add.forward x1 b sum", "add.accumulate a sum",
			"add.forward dx1.a dx1.b dx1", "add.accumulate dsum dx1",
		}},
		{"itself", []nn.Module{
			{Name: "x1", Layer: nn.Conv2d{In: 3, Out: 2, Kernel: 1}}, {Name: "sum", Layer: nn.Add{}, Inputs: []string{"x1", "x1"}},
		}, []string{"add.forward x1 x1 sum", "add.forward dsum dsum dx1"}},
		{"the network's input", []nn.Module{
			{Name: "a", Layer: nn.Conv2d{In: 3, Out: 2, Kernel: 1}}, {Name: "b", Layer: nn.Conv2d{In: 3, Out: 2, Kernel: 1}, Inputs: []string{"normalize1"}},
			{Name: "sum", Layer: nn.Add{}, Inputs: []string{"a", "b"}},
		}, []string{"add.forward a b sum"}},
	} {
		normalize := nn.Module{Layer: nn.Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}}
		network, err := nn.NewNetwork(nn.Shape{2, 2, 3}, append(append([]nn.Module{normalize}, c.modules...), tail...)...)
		if err != nil {
			t.Fatal(err)
		}
		sums := slices.DeleteFunc(gradients(network, true), func(line string) bool { return !strings.HasPrefix(line, "add.") })
		compare(t, c.name, sums, c.sums)
	}
}

// An Add gives the logits: no head, and every branch gets the gradient of the logits itself.
func TestLogitsOfAdd(t *testing.T) {
	linear := nn.Linear{In: 12, Out: 3}
	network := newTestModel(t, nn.Shape{2, 2, 3}, nn.Flatten{}, nn.Residual([]nn.Layer{linear}, []nn.Layer{linear}))
	compare(t, "an Add at the end", gradients(network, true), []string{
		"linear.forward x linear1",
		"linear.forward x linear2",
		"add.forward linear1 linear2 add1",
		"cross_entropy.forward_backward add1 dlogits",
		"linear.backward_weight x dlogits",
		"linear.backward_weight x dlogits",
	})
}

// A ReLU becomes part of the operation before it only if each of the two values has one taker
// and the taker can mask its gradient.
func TestFusedReLUs(t *testing.T) {
	conv, relu := nn.Conv2d{In: 3, Out: 3, Kernel: 1}, nn.ReLU{}
	for _, c := range []struct {
		name  string
		layer []nn.Layer // behind a convolution
		fused string     // the operations that rectify
		masks string     // those that mask
	}{
		{"between convolutions", []nn.Layer{relu, conv}, "conv1", "conv2"},
		{"in a body", []nn.Layer{nn.Residual([]nn.Layer{relu, conv, relu, conv}, nil)}, "conv2", "conv3"},
		{"in a shortcut", []nn.Layer{nn.Residual([]nn.Layer{conv}, []nn.Layer{conv, relu, nn.AvgPool2d{Kernel: 1}})}, "conv3", "pool1"},
		{"before a block", []nn.Layer{relu, nn.Residual([]nn.Layer{conv}, nil)}, "", ""},
		{"before an Add", []nn.Layer{nn.Residual([]nn.Layer{conv, relu}, nil)}, "", ""},
		{"behind an Add", []nn.Layer{nn.Residual([]nn.Layer{conv}, nil), relu}, "", ""},
		{"before the head", []nn.Layer{nn.Residual([]nn.Layer{conv}, nil), conv, relu}, "conv3", "linear1"},
	} {
		layers := append([]nn.Layer{conv}, c.layer...)
		l := newTestLayout(t, nn.Shape{2, 2, 3}, append(layers, nn.Flatten{}, nn.Linear{In: 12, Out: 3})...)
		var fused, masks []string
		for _, n := range l.nodes {
			if n.ReLU {
				fused = append(fused, n.Name)
			}
			if n.Mask {
				masks = append(masks, n.Name)
			}
		}
		if got := strings.Join(fused, " "); got != c.fused {
			t.Errorf("%s: %q rectify, want %q", c.name, got, c.fused)
		}
		if got := strings.Join(masks, " "); got != c.masks {
			t.Errorf("%s: %q mask, want %q", c.name, got, c.masks)
		}
	}
}

// The head takes its pool's or its own input, which an Add may give. A pool inside a branch is no part of a head.
func TestHeadBehindAdd(t *testing.T) {
	conv, pool := nn.Conv2d{In: 3, Out: 3, Kernel: 1}, nn.AdaptiveAvgPool2d{Out: 1}
	for _, c := range []struct {
		layers []nn.Layer
		x      string
		pool   bool
	}{
		{[]nn.Layer{conv, nn.Residual([]nn.Layer{conv}, nil), nn.Flatten{}, nn.Linear{In: 12, Out: 3}}, "add1", false},
		{[]nn.Layer{conv, nn.Residual([]nn.Layer{conv}, nil), pool, nn.Flatten{}, nn.Linear{In: 3, Out: 3}}, "add1", true},
		{[]nn.Layer{conv, nn.Residual([]nn.Layer{pool}, []nn.Layer{pool}), nn.Flatten{}, nn.Linear{In: 3, Out: 3}}, "add1", false},
	} {
		l := newTestLayout(t, nn.Shape{2, 2, 3}, c.layers...)
		if l.head == nil || l.head.X.Buffer.Name != c.x || (l.head.Pool != nil) != c.pool {
			t.Errorf("%v: head %+v, want one of %s, with a pool: %v", c.layers, l.head, c.x, c.pool)
		}
	}
}
