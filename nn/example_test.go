package nn_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/picture"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// A model that was trained and saved tells what is on a picture. This one is of
// "go run ./testdata/gen/example".
func Example_classify() {
	dev, err := engine.Open(engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Release()
	model, err := modelfile.Load("testdata/model.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	apple, err := picture.Load("testdata/apple.png", model.In)
	if err != nil {
		log.Fatal(err)
	}
	predictions, err := predict.Model(context.Background(), dev, model, apple.Images)
	if err != nil {
		log.Fatal(err)
	}
	p := predictions[0]
	fmt.Printf("%s, %.1f%%\n", model.ClassNames[p.Class], 100*p.Probabilities[p.Class])
	// Output: apple, 99.9%
}

// bars returns grey pictures of 8 x 8 pixels with a bright bar among noise, which lies in
// one of two and stands in the other.
func bars(count int, random *rand.Rand) dataset.Images {
	images := dataset.Images{Height: 8, Width: 8, Channels: 1}
	for i := range count {
		pixels, at := make([]byte, 64), random.IntN(8)
		for j := range pixels {
			pixels[j] = byte(random.IntN(150))
		}
		for j := range 8 {
			pixels[[]int{8*at + j, 8*j + at}[i%2]] = 200
		}
		images.Pixels = append(images.Pixels, pixels...)
		images.Labels = append(images.Labels, uint32(i%2))
	}
	return images
}

// A network of one's own learns from one's own arrays, and is saved.
func Example_train() {
	random := rand.New(rand.NewPCG(1, 2))
	data := &dataset.Dataset{Classes: []string{"lying", "standing"}, Train: bars(512, random), Test: bars(128, random)}
	network, err := nn.NewSequential(nn.Shape{8, 8, 1}, // of the images: height, width, channels
		nn.Normalize{Mean: []float32{0.3}, Std: []float32{0.2}},
		nn.Conv2d{In: 1, Out: 8, Kernel: 3, Padding: 1}, nn.ReLU{},
		nn.MaxPool2d{Kernel: 2},
		nn.Flatten{}, nn.Linear{In: 8 * 4 * 4, Out: 2})
	if err != nil {
		log.Fatal(err)
	}

	dev, err := engine.Open(engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Release()
	trainer, err := train.New(dev, network, data, optim.SGD{LR: 0.05, Momentum: 0.9}, train.Options{Batch: 64, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer trainer.Release()
	var epoch stats.Epoch
	for range 20 {
		if epoch, err = trainer.Epoch(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("more than 95% of the test images are right:", epoch.TestAccuracy.Mean > 0.95)

	state, err := trainer.State()
	if err != nil {
		log.Fatal(err)
	}
	model := modelfile.Model{Network: network, State: state, ClassNames: data.Classes}
	path := filepath.Join(os.TempDir(), "bars.safetensors")
	defer os.Remove(path)
	if err := model.Save(path); err != nil {
		log.Fatal(err)
	}
	fmt.Println("saved a model of the classes", data.Classes)
	// Output:
	// more than 95% of the test images are right: true
	// saved a model of the classes [lying standing]
}

// Shapes are checked before anything runs, and the first layer that does not fit is named.
func ExampleNewSequential() {
	normalize := nn.Normalize{Mean: []float32{0.5}, Std: []float32{0.25}}
	network, err := nn.NewSequential(nn.Shape{28, 28, 1}, normalize,
		nn.Conv2d{In: 1, Out: 4, Kernel: 5, Stride: 2}, nn.ReLU{}, nn.AvgPool2d{Kernel: 3}, nn.Flatten{}, nn.Linear{In: 64, Out: 10})
	if err != nil {
		log.Fatal(err)
	}
	for _, module := range network.Modules {
		fmt.Println(module.Name, module.Out)
	}
	fmt.Println(network.ParamCount(), "parameters")

	_, err = nn.NewSequential(nn.Shape{28, 28, 1}, normalize, nn.Flatten{}, nn.Linear{In: 64, Out: 10})
	fmt.Println(err)
	// Output:
	// normalize1 (1, 28, 28)
	// conv1 (4, 12, 12)
	// relu1 (4, 12, 12)
	// pool1 (4, 4, 4)
	// flatten1 (64)
	// linear1 (10)
	// 754 parameters
	// linear1: nn: Linear(in_features=64, out_features=10, bias=True): input (784): want (64): shape mismatch
}

// A residual network: each block adds its input, or a convolution of it, to what its body makes.
func ExampleResidual() {
	normalize := nn.Normalize{Mean: []float32{0.5}, Std: []float32{0.25}}
	wide, narrow := nn.Conv2d{In: 4, Out: 8, Kernel: 3, Stride: 2, Padding: 1}, nn.Conv2d{In: 8, Out: 8, Kernel: 3, Padding: 1}
	network, err := nn.NewSequential(nn.Shape{28, 28, 1}, normalize, nn.Conv2d{In: 1, Out: 4, Kernel: 4, Stride: 4}, nn.ReLU{},
		nn.Residual([]nn.Layer{wide, nn.ReLU{}, narrow}, []nn.Layer{nn.Conv2d{In: 4, Out: 8, Kernel: 1, Stride: 2}}), nn.ReLU{},
		nn.Residual([]nn.Layer{narrow, nn.ReLU{}, narrow}, nil), nn.ReLU{},
		nn.AdaptiveAvgPool2d{Out: 1}, nn.Flatten{}, nn.Linear{In: 8, Out: 10})
	if err != nil {
		log.Fatal(err)
	}
	for i, module := range network.Modules {
		if inputs := network.OtherInputs(i); inputs != nil {
			fmt.Println(module.Name, "takes", inputs)
		}
	}
	// Output:
	// conv4 takes [relu1]
	// add1 takes [conv3 conv4]
	// add2 takes [conv6 relu3]
}
