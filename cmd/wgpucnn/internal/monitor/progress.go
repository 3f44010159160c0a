// Package monitor shows a training while it goes on: in a line on the terminal, and in a window with
// curves, filters and guesses.
package monitor

import (
	"fmt"
	"io"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/report"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// Progress shows in a line how far a training is.
type Progress struct {
	out           io.Writer
	meter         *meter.Meter
	epochs, steps int // of the whole training
	first, done   int // the steps that were done at the start, and that are done now
	start         time.Time
	stats         stats.Epoch
	evaluated     string // the name of the rows that each epoch is evaluated on
}

// NewProgress begins to show a training. done of its epochs are done.
func NewProgress(out io.Writer, epochs, done, stepsPerEpoch int, evaluated string) *Progress {
	return &Progress{
		out: out, meter: meter.New(out), epochs: epochs, steps: epochs * stepsPerEpoch,
		first: done * stepsPerEpoch, done: done * stepsPerEpoch, evaluated: evaluated, start: time.Now(),
	}
}

// Observer returns the observer through which a trainer tells p its news.
func (p *Progress) Observer() train.Observer {
	return train.Observer{
		Step: func(stats stats.Step) {
			p.done = stats.Step
			p.show("")
		},
		Epoch: func(stats stats.Epoch) {
			p.stats = stats
			p.show(p.line() + "   " + p.left())
		},
	}
}

// show shows how far the training is, unless it is done.
func (p *Progress) show(plain string) {
	if p.done == p.steps {
		return
	}
	rate, left := p.speed()
	r := meter.Reading{Label: "train", Share: float64(p.done) / float64(p.steps), Plain: plain}
	r.Details = []string{fmt.Sprintf("epoch %d/%d", p.stats.Epoch, p.epochs), left}
	if p.stats.Epoch > 0 {
		r.Details = append(r.Details, fmt.Sprintf("%s loss %.3f acc %.1f", p.evaluated, p.stats.TestLoss.Mean, 100*p.stats.TestAccuracy.Mean))
	}
	r.Details = append(r.Details, rate)
	p.meter.Show(r)
}

// line returns the figures of the last finished epoch.
func (p *Progress) line() string {
	return fmt.Sprintf("epoch %d/%d   %s", p.stats.Epoch, p.epochs, describeEpoch(p.stats, p.evaluated))
}

// describeEpoch returns the figures of an epoch. evaluated is the name of the rows that it was
// evaluated on.
func describeEpoch(s stats.Epoch, evaluated string) string {
	return fmt.Sprintf("mean over batches: train loss %.3f accuracy %.1f %%, %s loss %.3f accuracy %.1f %%",
		s.TrainLoss.Mean, 100*s.TrainAccuracy.Mean, evaluated, s.TestLoss.Mean, 100*s.TestAccuracy.Mean)
}

// speed returns the rate of steps and the time that the remaining ones will take.
func (p *Progress) speed() (rate, left string) {
	perStep := time.Since(p.start) / time.Duration(max(p.done-p.first, 1))
	rest := (perStep * time.Duration(p.steps-p.done)).Round(time.Second)
	return report.Rate(float64(time.Second)/float64(perStep)) + " steps/s", fmt.Sprintf("%v left", rest)
}

// left returns the speed in one text.
func (p *Progress) left() string {
	rate, left := p.speed()
	return rate + "   " + left
}

// End takes the bar off the screen and writes the last figures.
func (p *Progress) End(compiled time.Duration) {
	p.meter.Hide()
	if p.stats.Epoch > 0 {
		took := time.Since(p.start)
		terminal.Say(p.out, "  %s   %s steps/s   trained %.1f s, compiled %.1f s\n",
			p.line(), report.Rate(float64(p.done-p.first)/took.Seconds()), took.Seconds(), compiled.Seconds())
	}
}
