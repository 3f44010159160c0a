// Package shadertest tests compute shaders in WGSL: it runs a kernel on an adapter, and compares what the
// kernel leaves with the same in Go, in float64.
//
// A [Case] is a type with a name and a method Try. Try declares tensors with a [Rig], runs dispatches, and
// compares. This case adds 2.5 x to y, for vectors of n values:
//
//	type saxpy struct{ n int }
//
//	func (c saxpy) Name() string { return fmt.Sprintf("%d values", c.n) }
//
//	func (c saxpy) Try(r *shadertest.Rig) {
//		x, y := r.Values(c.n), r.Values(c.n)
//		in, out := r.Input("x", x), r.Input("y", y)
//		r.Run(engine.Plan{{
//			Kernel:     engine.Kernel{File: "saxpy", Entry: "saxpy", Text: text, Constants: shaders.Constants{{Name: "N", Value: c.n}}},
//			Bindings:   []engine.Binding{{Name: "x", View: in}, {Name: "y", View: out}},
//			Workgroups: [3]int{(c.n + 63) / 64, 1, 1},
//		}})
//		want := make([]float64, c.n)
//		for i := range want {
//			want[i] = float64(y[i]) + 2.5*float64(x[i])
//		}
//		r.Sums("y", r.Floats(out), want, 2)
//	}
//
//	func TestSaxpy(t *testing.T) { shadertest.Test(t, saxpy{1}, saxpy{64}, saxpy{65}) }
//
//	func BenchmarkSaxpy(b *testing.B) { shadertest.Benchmark(b, saxpy{1 << 20}) }
//
// The bindings have the names of the variables in the WGSL. The constants are written ahead of the text. An
// int is a u32 there. The text may come from a file, by go:embed.
//
// # What a rig finds
//
//   - a value that differs from the wanted one by more than the tolerance; NaN never passes;
//   - a value that no kernel wrote: an output begins as NaN;
//   - a value written beside a tensor, or read there: sentinels lie on either side, and a binding reaches over
//     them. 64 of them lie before the first tensor of a buffer;
//   - other bits the second time: every plan runs twice.
//
// Values are drawn from the name of the case, so they are the same on every machine. [Rig.Rand] draws more.
//
// # More cases
//
// [Generate] draws the sizes of as many cases as you like from a seed. If one of them fails, [Test] draws it
// again with smaller numbers, and names the smallest case with the same fault. [Reproduce] writes a case that
// fails to a folder, for a report to the maker of a driver. Then plant a fault into the kernel: a table of cases
// that finds none proves nothing.
//
// [CheckGradient] compares the gradient of a twin with finite differences. The twin then checks the kernel.
//
// # Adapters
//
// [Test] and [Benchmark] run on the best adapter, or on those that the environment names:
//
//	WGPUCNN_ADAPTERS=all go test ./...
//	WGPUCNN_ADAPTERS=llvmpipe,1 go test ./...
//
// Without an adapter they skip, unless WGPUCNN_REQUIRE_GPU is 1. A case that needs more than an adapter has is
// skipped there.
package shadertest
