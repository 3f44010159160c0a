package dataset_test

import (
	"context"
	"fmt"
	"log"

	"wgpucnn/nn/dataset"
)

// Two classes of the built-in images, with a tenth of the training rows held out.
func ExampleOpen() {
	data, err := dataset.Open(context.Background(), "builtin", dataset.Options{Classes: []string{"palm_tree", "apple"}})
	if err != nil {
		log.Fatal(err)
	}
	train, validation, err := data.Train.HoldOut(0.1, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(data.Classes, train.Len(), validation.Len(), data.Test.Len())
	fmt.Println(train.Height, train.Width, train.Channels, len(train.Pixels)/train.Len())
	// Output:
	// [apple palm_tree] 900 100 200
	// 32 32 3 3072
}
