package nets_test

import (
	"fmt"

	"wgpucnn/nn"
	"wgpucnn/nn/nets"
)

func ExampleParse() {
	spec, err := nets.Parse("conv 16, pool max 2, bn, relu, residual (conv 32 stride 2, bn), global avg")
	if err != nil {
		fmt.Println(err)
		return
	}
	network, err := spec.Network(nn.Shape{32, 32, 3}, 10, nn.LabNormalize)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(spec)
	fmt.Println(network.ParamCount(), "parameters for", network.Classes(), "classes")
	_, err = nets.Parse("conv 16, pol max 2")
	fmt.Println(err)
	// Output:
	// conv 16, pool max 2, bn, relu, residual (conv 32 stride 2, bn), global avg, linear
	// 6042 parameters for 10 classes
	// nets: "pol", character 10: no layer has that word: did you mean pool?
}
