package monitor

import (
	"context"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
)

// guessCount is the number of images in the window.
const guessCount = 18

// guessEvery is the time from one guess to the next: the GPU finishes what the training has submitted
// before it guesses.
const guessEvery = time.Second

// guesser guesses the classes of a few images by the network in training, on the device of the
// training. The goroutine of the training calls it.
type guesser struct {
	dev       *engine.Device
	tilings   nn.Tilings
	images    dataset.Images
	classes   []string
	network   *nn.Network
	predictor *predict.Predictor // of the network, nil before the first guess
	made      time.Time          // when the last guess was made
}

// newGuesser chooses images that are spread evenly over all.
func newGuesser(s Settings) *guesser {
	all := s.Images
	g := &guesser{dev: s.Device, tilings: s.Tilings, classes: s.Classes, images: dataset.Images{Height: all.Height, Width: all.Width, Channels: all.Channels}}
	count := min(guessCount, all.Len())
	size := all.Height * all.Width * all.Channels
	for i := range count {
		row := i * all.Len() / count
		g.images.Pixels = append(g.images.Pixels, all.Pixels[row*size:(row+1)*size]...)
		g.images.Labels = append(g.images.Labels, all.Labels[row])
	}
	return g
}

// begin tells which network is trained next.
func (g *guesser) begin(network *nn.Network) {
	g.release()
	g.network, g.made = network, time.Time{}
}

// release frees what the guesser holds on the GPU.
func (g *guesser) release() {
	if g.predictor != nil {
		g.predictor.Release()
		g.predictor = nil
	}
}

// guess returns the guesses of the network with the weights. It returns nil if the last guess is not
// long ago.
func (g *guesser) guess(weights nn.StateDict) ([]report.Guess, error) {
	if time.Since(g.made) < guessEvery {
		return nil, nil
	}
	var err error
	if g.predictor == nil {
		g.predictor, err = predict.New(g.dev, g.network, weights, predict.Options{Batch: g.images.Len(), Tilings: g.tilings})
	} else {
		err = g.predictor.SetState(weights)
	}
	if err != nil {
		return nil, err
	}
	logits, err := g.predictor.Logits(context.Background(), g.images)
	if err != nil {
		return nil, err
	}
	guesses := g.pictures()
	for i, p := range predict.Predictions(logits, len(g.classes)) {
		guesses[i].Guess, guesses[i].Probability = g.classes[p.Class], p.Probabilities[p.Class]
	}
	g.made = time.Now()
	return guesses, nil
}

// pictures returns the images without guesses.
func (g *guesser) pictures() []report.Guess {
	guesses := make([]report.Guess, g.images.Len())
	for i, label := range g.images.Labels {
		guesses[i] = report.Guess{Image: report.Photo{Images: g.images, Row: i}, Class: g.classes[label]}
	}
	return guesses
}
