package layout_test

import (
	"fmt"

	"wgpucnn/nn/layout"
	"wgpucnn/nn/train"
)

// The rows of the second class count four times as much, and no target is certain. The loss of three rows
// is their sum, divided by the sum of their weights.
func ExampleLoss() {
	loss := layout.Loss{LabelSmoothing: 0.1, ClassWeights: []float64{1, 4}}
	options := train.Options{Batch: 128, Loss: loss} // for train.New
	fmt.Println(options.Loss.Check(2), options.Loss.Scale([]uint32{0, 0, 1}))
	// Output: <nil> 0.5
}
