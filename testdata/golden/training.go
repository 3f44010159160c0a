package golden

import (
	"math"

	"github.com/nlpodyssey/safetensors"

	"wgpucnn/nn/dataset"
)

// The settings of the training that testdata/gen/training.py ran in PyTorch, in float64, for
// each lab model, a small one and two residual networks, with three classes: SGD with a learning rate of LR and
// a momentum of Momentum, on Images in Order from Initial. Its ten epochs have two steps each, of
// 128 and of 92 rows. Another training of the model avg has AdamW in one cycle of all steps, with
// a learning rate of AdamWLR. Its weights decay by AdamWDecay, its biases do not. Two more trainings of
// the small model have label smoothing: one with ClassWeights, one with mixup by shares from
// Beta(MixupAlpha, MixupAlpha) that package train draws for seed 0. A last training of the small model has
// Muon for the convolutions, and SGD with Nesterov's momentum for the rest, which decays by MuonDecay. Both
// rates rise in a share MuonShare of the steps and fall along the cosine. Gradients have a norm of
// MuonClip at most.
//
// Two networks, "strong" and "medium", train by a whole recipe: both rates are StrongLR, all else is that of Muon's
// training, without a bound of the norm. Batches are mixed by shares from Beta(MixupAlpha, MixupAlpha), those of medium by
// shares from Beta(MediumAlpha, MediumAlpha). The labels are smoothed. Images are mirrored every other epoch and move by
// Shift pixels at most. Those of medium lose a square of Cutout pixels. The seed of all that is 0.
const (
	Count      = 220
	Batch      = 128
	Steps      = 20
	Classes    = 3
	LR         = 5e-3
	Momentum   = 0.9
	AdamWLR    = 5e-4
	AdamWDecay = 0.1
	Smoothing  = 0.1
	MixupAlpha = 0.4

	MuonLR       = 0.02
	MuonMomentum = 0.6
	MuonRestLR   = 0.02
	MuonDecay    = 5e-4
	MuonShare    = 0.1
	MuonClip     = 1

	StrongLR    = 0.1
	MediumAlpha = 0.2
	Shift       = 4
	Cutout      = 8
)

// ClassWeights are the weights of the classes.
var ClassWeights = []float64{0.5, 1, 2}

// Height, Width and Channels are the shape of Images.
const Height, Width, Channels = 32, 32, 3

// Training is the result of that training of a network.
type Training struct {
	Losses  []float64 // loss of each step before its update
	Correct []int64   // rows of each step that were predicted right, before its update
	Sums    map[string]string
	weights Vectors
}

// LoadTraining returns the result of a network: a pooling of the lab, "small", "residual", "batchnorm",
// "strong", or "medium". The result of the network "smooth" by AdamW is "adamw", that of "small" by Muon "muon", those of the other losses are "weighted" and "mixup".
// Its Sums are the CRC-32 of PyTorch's inputs, in little-endian
// bytes as eight hexadecimal digits: "images", "labels", "order" (of all epochs), "initial".
func LoadTraining(name string) *Training {
	file, metadata := open(files, "train_"+name)
	v := Vectors{file: file}
	return &Training{v.Floats("losses"), v.Ints("correct"), metadata, v}
}

// Own returns the share of each row itself in the steps of a training with mixup.
func (t *Training) Own() []float32 { return tensor[float32](t.weights, "own", safetensors.F32) }

// Weights returns a parameter after the last step, by PyTorch's name.
func (t *Training) Weights(name string) []float32 {
	return tensor[float32](t.weights, name, safetensors.F32)
}

// hash is lowbias32.
func hash(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	return x ^ x>>16
}

// Images returns images that are half noise and half a pattern of 4 x 4 pixels that depends on
// the class. The formulas count the values of an image pixel by pixel, as PyTorch's side does.
func Images() dataset.Images {
	images := dataset.Images{Height: Height, Width: Width, Channels: Channels}
	for n := range uint32(Count) {
		label := hash(1<<30+n) % Classes
		images.Labels = append(images.Labels, label)
		planes := make([]byte, Channels*Height*Width)
		for i := range uint32(Height * Width * Channels) {
			c, x, y := i%Channels, i/Channels%Width, i/(Channels*Width)
			place := (y%4*4+x%4)*Channels + c
			noise, pattern := hash(1<<31+n<<12+i)>>25, hash(1<<29+label<<6+place)>>25
			planes[(c*Height+y)*Width+x] = byte(noise + pattern)
		}
		images.Pixels = append(images.Pixels, planes...)
	}
	return images
}

// Order returns the order of rows in an epoch, counted from 0.
func Order(epoch int) []uint32 {
	order := make([]uint32, Count)
	for i := range order {
		order[i] = uint32((i*(40*epoch+7) + epoch) % Count)
	}
	return order
}

// Initial returns the initial values of a model's parameter number k, with size values and
// fanIn inputs for each output.
func Initial(k, size, fanIn int) []float32 {
	values := make([]float32, size)
	bound := 1 / math.Sqrt(float64(fanIn))
	for i := range values {
		unit := float64(hash(uint32(k<<20+i))>>8) / (1 << 24)
		values[i] = float32((2*unit - 1) * bound)
	}
	return values
}
