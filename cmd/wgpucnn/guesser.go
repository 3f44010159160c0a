package main

import (
	"time"

	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/predict"
	"wgpucnn/nn/report"
	"wgpucnn/nn/verify"
)

// guessCount is how many images the window shows.
const guessCount = 18

// guesser says what a network takes a few images for. It computes on the CPU, where there
// is nothing to be compiled and no queue to share, at most a hundredth of the time.
type guesser struct {
	classes []string
	pixels  []byte
	guesses []report.Guess
	weights nn.StateDict  // of the guesses
	made    time.Time     // when they were
	took    time.Duration // to make
}

// newGuesser chooses images, spread evenly over all.
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

// guess returns the guesses of a network with weights, or for a while the last ones; none
// without weights.
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
