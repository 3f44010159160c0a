package lrfind_test

import (
	"context"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/lrfind"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/train"
)

func Example() {
	ctx := context.Background()
	data, err := dataset.Open(ctx, "builtin", dataset.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	network, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: len(data.Classes), Hidden: 32})
	if err != nil {
		fmt.Println(err)
		return
	}
	dev, err := engine.Open(engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Release()
	rule := func(s optim.Schedule) optim.Optimiser { return optim.SGD{LR: 1, Momentum: 0.9, Schedule: s} }
	curve, err := lrfind.Find(ctx, dev, network, data, rule, train.Options{Batch: 128}, lrfind.Range{From: 1e-7, To: 10, Steps: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(curve.Suggestion())
}
