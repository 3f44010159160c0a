package verify_test

import (
	"fmt"
	"log"

	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/picture"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/verify"
)

// The float64 twins run a whole network without a GPU: what an adapter should come to.
func ExampleLogits() {
	model, err := modelfile.Load("../testdata/model.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	apple, err := picture.Load("../testdata/apple.png", model.In)
	if err != nil {
		log.Fatal(err)
	}
	logits := verify.Logits(model.Network, model.State, apple.Pixels)
	p := predict.Predictions(logits, model.Classes())[0]
	fmt.Printf("%s, %.1f%%\n", model.ClassNames[p.Class], 100*p.Probabilities[p.Class])
	// Output: apple, 99.9%
}
