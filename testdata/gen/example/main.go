// Command example makes the files that an example of package nn reads: a small model that
// classifies the built-in images, and one of the test images.
//
//	go run ./testdata/gen/example
//
// It writes nn/testdata/model.safetensors and nn/testdata/apple.png, and runs in the
// repository's root.
package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"log"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

func main() {
	log.SetFlags(0)
	ctx := context.Background()
	data, err := dataset.Open(ctx, "builtin", dataset.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := learn(ctx, data); err != nil {
		log.Fatal(err)
	}
	if err := draw(data.Test); err != nil {
		log.Fatal(err)
	}
}

func learn(ctx context.Context, data *dataset.Dataset) error {
	dev, err := engine.Open(engine.Options{})
	if err != nil {
		return err
	}
	defer dev.Release()
	network, err := nn.NewLab("max", nn.Shape{32, 32, 3}, nn.LabOptions{Classes: len(data.Classes), Hidden: 4})
	if err != nil {
		return err
	}
	trainer, err := train.New(dev, network, data, optim.SGD{LR: 0.02, Momentum: 0.9}, train.Options{Batch: 128})
	if err != nil {
		return err
	}
	defer trainer.Release()
	show := func(s stats.Epoch) { fmt.Printf("epoch %d: test accuracy %.3f\n", s.Epoch, s.TestAccuracy.Mean) }
	if err := trainer.Train(ctx, 60, train.Observer{Epoch: show}); err != nil {
		return err
	}
	state, err := trainer.State()
	if err != nil {
		return err
	}
	return (&modelfile.Model{Network: network, State: state, ClassNames: data.Classes}).Save("nn/testdata/model.safetensors")
}

// draw writes the first picture, an apple.
func draw(images dataset.Images) error {
	var file bytes.Buffer
	if err := png.Encode(&file, report.Photo{Images: images}); err != nil {
		return err
	}
	return durable.Write("nn/testdata/apple.png", file.Bytes())
}
