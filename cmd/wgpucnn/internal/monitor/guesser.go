package monitor

import (
	"time"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
	"wgpucnn/nn/verify"
)

// guessCount is the number of images in the window.
const guessCount = 18

// guesser guesses the classes of a few images by the network in training. It computes on the CPU,
// which needs no compilation and shares no queue with the training. It computes for at most a
// hundredth of the time.
type guesser struct {
	classes []string
	pixels  []byte
	guesses []report.Guess
	weights nn.StateDict  // of the guesses
	made    time.Time     // when the guesses were made
	took    time.Duration // to make them
}

// newGuesser chooses images that are spread evenly over all.
func newGuesser(images dataset.Images, classes []string) guesser {
	g := guesser{classes: classes}
	count := min(guessCount, images.Len())
	size := images.Height * images.Width * images.Channels
	for i := range count {
		row := i * images.Len() / count
		g.pixels = append(g.pixels, images.Pixels[row*size:(row+1)*size]...)
		g.guesses = append(g.guesses, report.Guess{Image: report.Photo{Images: images, Row: row}, Class: classes[images.Labels[row]]})
	}
	return g
}

// guess returns the guesses of a network with weights. For a while it returns the last guesses
// again. Without weights it returns the images without guesses.
func (g *guesser) guess(model *nn.Network, weights nn.StateDict) []report.Guess {
	start := time.Now()
	switch {
	case weights == nil:
		for i := range g.guesses {
			g.guesses[i].Guess = ""
		}
		g.weights = nil
	case g.weights == nil || &g.weights[0] != &weights[0] && start.Sub(g.made) >= 100*g.took:
		for i, p := range predict.Predictions(verify.Logits(model, weights, g.pixels), len(g.classes)) {
			g.guesses[i].Guess, g.guesses[i].Probability = g.classes[p.Class], p.Probabilities[p.Class]
		}
		g.weights, g.made, g.took = weights, time.Now(), time.Since(start)
	}
	return g.guesses
}
