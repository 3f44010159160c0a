package main

import (
	"fmt"
	"io"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// progress shows how a training goes.
type progress struct {
	out           io.Writer
	meter         *meter.Meter
	epochs, steps int // of the whole training
	first, done   int // steps that were done at the start, and are now
	start         time.Time
	stats         nn.EpochStats
	evaluated     string // what the test figures are called
}

// newProgress begins to show a training of which so many epochs are done.
func newProgress(out io.Writer, epochs, done, stepsPerEpoch int, evaluated string) *progress {
	return &progress{
		out: out, meter: meter.New(out), epochs: epochs, steps: epochs * stepsPerEpoch,
		first: done * stepsPerEpoch, done: done * stepsPerEpoch, evaluated: evaluated, start: time.Now(),
	}
}

// observer returns what tells the trainer's news to p.
func (p *progress) observer() nn.Observer {
	return nn.Observer{
		Step: func(stats nn.StepStats) {
			p.done = stats.Step
			p.show("")
		},
		Epoch: func(stats nn.EpochStats) {
			p.stats = stats
			p.show(p.line() + "   " + p.left())
		},
	}
}

// show shows how far the training is, if it goes on.
func (p *progress) show(plain string) {
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
func (p *progress) line() string {
	return fmt.Sprintf("epoch %d/%d   %s", p.stats.Epoch, p.epochs, describeEpoch(p.stats, p.evaluated))
}

// describeEpoch returns the figures of an epoch, those of the rows that it was evaluated on by
// their name.
func describeEpoch(s nn.EpochStats, evaluated string) string {
	return fmt.Sprintf("mean over batches: train loss %.3f accuracy %.1f %%, %s loss %.3f accuracy %.1f %%",
		s.TrainLoss.Mean, 100*s.TrainAccuracy.Mean, evaluated, s.TestLoss.Mean, 100*s.TestAccuracy.Mean)
}

// speed returns the rate of steps and the time that the remaining ones will take.
func (p *progress) speed() (rate, left string) {
	perStep := time.Since(p.start) / time.Duration(max(p.done-p.first, 1))
	rest := (perStep * time.Duration(p.steps-p.done)).Round(time.Second)
	return report.Rate(float64(time.Second)/float64(perStep)) + " steps/s", fmt.Sprintf("%v left", rest)
}

// left returns speed in one text.
func (p *progress) left() string {
	rate, left := p.speed()
	return rate + "   " + left
}

// end takes the bar off the screen and writes the last figures.
func (p *progress) end(compiled time.Duration) {
	p.meter.Hide()
	if p.stats.Epoch > 0 {
		took := time.Since(p.start)
		terminal.Say(p.out, "  %s   %s steps/s   trained %.1f s, compiled %.1f s\n",
			p.line(), report.Rate(float64(p.done-p.first)/took.Seconds()), took.Seconds(), compiled.Seconds())
	}
}
