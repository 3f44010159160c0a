package layout

import (
	"reflect"
	"testing"

	"wgpucnn/nn"
)

// A prediction runs the kernels of an evaluation, with the same constants, up to the loss; with a
// head and without.
func TestPredictEvaluate(t *testing.T) {
	for _, pooling := range nn.Poolings {
		for _, memory := range []int{0, 8 << 10} {
			tilings := software
			tilings.Default.Memory = memory
			network, err := nn.NewLab(pooling, nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3})
			if err != nil {
				t.Fatal(err)
			}
			trained := New(network, 100, tilings, true, true)
			source := nn.NewSource("test", network.In, 100, 100, 1, 0)
			evaluate := trained.Evaluate(NewTally("test", source, 1))
			predict := New(network, 100, tilings, true, false).Predict(source)
			if last := evaluate[len(evaluate)-1]; last.Kernel.File == "cross_entropy" {
				evaluate = evaluate[:len(evaluate)-1]
			}
			if len(evaluate) != len(predict) {
				t.Fatalf("%s: %d dispatches to predict, %d to evaluate", pooling, len(predict), len(evaluate))
			}
			for i, d := range predict {
				want := evaluate[i].Kernel
				if d.Kernel.File == "head" {
					d.Kernel.Entry = "forward"
				}
				if !reflect.DeepEqual(d.Kernel, want) || d.Workgroups != evaluate[i].Workgroups {
					t.Errorf("%s, memory %d: %v %v to predict, %v %v to evaluate", pooling, memory, d.Kernel, d.Kernel.Constants, want, want.Constants)
				}
			}
			if (memory > 0) != (predict[len(predict)-1].Kernel.Entry == "logits") {
				t.Errorf("%s, memory %d: the prediction ends in %v", pooling, memory, predict[len(predict)-1].Kernel)
			}
		}
	}
}
