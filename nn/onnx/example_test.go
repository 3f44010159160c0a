package onnx_test

import (
	"fmt"
	"log"

	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/onnx"
)

// The lab's network with its initial weights is written as an ONNX file and read again.
func ExampleMarshal() {
	network, err := nn.NewLab("avg", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: 3})
	if err != nil {
		log.Fatal(err)
	}
	model := &modelfile.Model{Network: network, State: network.InitState(1), ClassNames: []string{"apple", "forest", "palm_tree"}}
	file, err := onnx.Marshal(model, onnx.Options{Opset: 17})
	if err != nil {
		log.Fatal(err)
	}
	again, err := onnx.Unmarshal(file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(file)/1000, "kB,", again.ParamCount(), "parameters of", again.ClassNames)
	// Output: 86 kB, 21123 parameters of [apple forest palm_tree]
}
