package report_test

import (
	"fmt"
	"log"

	"wgpucnn/nn/report"
)

// Five rows of logits for two classes. One row is predicted wrong.
func ExampleEvaluate() {
	labels := []uint32{0, 0, 0, 1, 1}
	logits := []float32{2, 0, 3, 1, 0, 1, 0, 4, 1, 2}
	evaluation, err := report.Evaluate([]string{"apple", "forest"}, labels, logits)
	if err != nil {
		log.Fatal(err)
	}
	low, high := evaluation.Interval()
	fmt.Printf("loss %.4f, accuracy between %.2f and %.2f\n", evaluation.Loss, low, high)
	fmt.Print(evaluation.Text(0))
	// Output:
	// loss 0.3797, accuracy between 0.38 and 0.96
	//               precision    recall  f1-score   support
	//
	//        apple     1.0000    0.6667    0.8000         3
	//       forest     0.6667    1.0000    0.8000         2
	//
	//     accuracy                         0.8000         5
	//    macro avg     0.8333    0.8333    0.8000         5
	// weighted avg     0.8667    0.8000    0.8000         5
	//
	// true \ predicted  apple  forest
	// apple                 2       1
	// forest                0       2
}
