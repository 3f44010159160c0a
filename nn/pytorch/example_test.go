package pytorch_test

import (
	"fmt"
	"log"
	"os"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/pytorch"
)

// torch.save wrote the state dict of a torch.nn.Sequential without names. It becomes one of the
// lab's models. The shapes give the channels and classes, and the error lists the networks that
// fit.
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

// torch.load reads the state dict in the file. Import reads the whole model.
func ExampleMarshal() {
	network, err := nn.NewLab("avg", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 2, Hidden: 4})
	if err != nil {
		log.Fatal(err)
	}
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"apple", "pear"}}
	file, err := pytorch.Marshal(model)
	if err != nil {
		log.Fatal(err)
	}
	again, _, err := pytorch.Import(file, pytorch.LabOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Pooling(), again.ClassNames)
	// Output: avg [apple pear]
}
