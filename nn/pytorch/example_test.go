package pytorch_test

import (
	"fmt"
	"log"
	"os"

	"wgpucnn/nn"
	"wgpucnn/nn/pytorch"
)

// A state dict that torch.save wrote of an nn.Sequential without names becomes a model of the
// lab's. The shapes tell channels and classes, and which of the lab's networks fit.
func ExampleLab() {
	file, err := os.ReadFile("../../testdata/golden/numbered.pt")
	if err != nil {
		log.Fatal(err)
	}
	state, err := pytorch.Unmarshal(file)
	if err != nil {
		log.Fatal(err)
	}
	for _, tensor := range state {
		fmt.Println(tensor.Name, tensor.Shape)
	}
	_, err = pytorch.Lab(state, pytorch.LabOptions{})
	fmt.Println(err)
	model, err := pytorch.Lab(state, pytorch.LabOptions{Pooling: "base", Source: "numbered.pt"})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Shape)
	}
	// Output:
	// 0.weight (2, 3, 5, 5)
	// 0.bias (2)
	// 2.weight (4, 2, 3, 3)
	// 2.bias (4)
	// 6.weight (3, 16)
	// 6.bias (3)
	// pytorch: the shapes do not tell the pooling: a Linear of 16 features fits base, max of pool size 2, avg of pool size 2
	// conv1.weight (2, 3, 5, 5)
	// conv1.bias (2)
	// conv2.weight (4, 2, 3, 3)
	// conv2.bias (4)
	// linear1.weight (3, 16)
	// linear1.bias (3)
}

// For PyTorch: the same bytes for the same weights, which torch.load reads.
func ExampleMarshal() {
	state := nn.StateDict{{Name: "linear1.weight", Shape: nn.Shape{1, 2}, Data: []float32{0.5, -1}}}
	file, err := pytorch.Marshal(state)
	if err != nil {
		log.Fatal(err)
	}
	again, err := pytorch.Unmarshal(file)
	fmt.Println(again, err)
	// Output: [{linear1.weight (1, 2) [0.5 -1]}] <nil>
}
