package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"wgpucnn/nn"
	"wgpucnn/nn/report"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// plainEvery is how often a line is written where there is no terminal.
const plainEvery = 5 * time.Second

// isTerminal tells whether a person watches w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && (isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}

// progress shows how a training goes: a bar on a terminal, else a line now and then.
type progress struct {
	out           io.Writer
	bar           *progressbar.ProgressBar // nil without a terminal
	epochs, steps int                      // of the whole training
	first, done   int                      // steps that were done at the start, and are now
	start, spoke  time.Time
	stats         nn.EpochStats
	evaluated     string // what the test figures are called
}

// newProgress begins to show a training of which so many epochs are done.
func newProgress(out io.Writer, epochs, done, stepsPerEpoch int, evaluated string) *progress {
	p := &progress{out: out, epochs: epochs, steps: epochs * stepsPerEpoch, first: done * stepsPerEpoch, evaluated: evaluated, start: time.Now()}
	p.done, p.spoke = p.first, p.start
	if isTerminal(out) {
		p.bar = newBar(out, int64(p.steps),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("steps"), progressbar.OptionShowDescriptionAtLineEnd())
	}
	return p
}

// newBar returns a progress bar in this program's manner, which vanishes at its
// end. With a short description it fits 80 columns.
func newBar(out io.Writer, total int64, options ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(12), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "━", SaucerHead: "╸", SaucerPadding: " ", BarStart: "  ", BarEnd: ""}),
	}, options...)...)
}

// observer returns what tells the trainer's news to p.
func (p *progress) observer() nn.Observer {
	return nn.Observer{
		Step: func(stats nn.StepStats) {
			p.done = stats.Step
			if p.bar != nil {
				p.bar.Set(p.done)
			}
		},
		Epoch: func(stats nn.EpochStats) {
			p.stats = stats
			if p.bar != nil {
				p.bar.Describe(fmt.Sprintf("%s loss %.3f acc %.1f", p.evaluated, stats.TestLoss.Mean, 100*stats.TestAccuracy.Mean))
			} else if time.Since(p.spoke) >= plainEvery && stats.Epoch < p.epochs {
				p.spoke = time.Now()
				fmt.Fprintf(p.out, "  %s   %s\n", p.line(), p.left())
			}
		},
	}
}

// line returns the figures of the last finished epoch.
func (p *progress) line() string {
	s := p.stats
	return fmt.Sprintf("epoch %d/%d   loss %.3f %s %.3f   accuracy %.1f %s %.1f", s.Epoch, p.epochs,
		s.TrainLoss.Mean, p.evaluated, s.TestLoss.Mean, 100*s.TrainAccuracy.Mean, p.evaluated, 100*s.TestAccuracy.Mean)
}

// left returns the rate of steps and the time that the remaining ones will take.
func (p *progress) left() string {
	perStep := time.Since(p.start) / time.Duration(max(p.done-p.first, 1))
	rest := (perStep * time.Duration(p.steps-p.done)).Round(time.Second)
	return fmt.Sprintf("%s steps/s   %v left", report.Rate(float64(time.Second)/float64(perStep)), rest)
}

// end takes the bar off the screen and writes the last figures.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Clear()
	}
	if p.stats.Epoch > 0 {
		took := time.Since(p.start)
		fmt.Fprintf(p.out, "  %s   %s steps/s   trained %.1f s\n", p.line(), report.Rate(float64(p.done-p.first)/took.Seconds()), took.Seconds())
	}
}

// download shows a transfer: a bar on a terminal, else a line now and then.
type download struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // nil until the first news, and without a terminal
	spoke time.Time
}

// show takes note of done bytes of total, which is -1 where nobody knows.
func (d *download) show(done, total int64) {
	switch {
	case isTerminal(d.out):
		if d.bar == nil {
			d.bar = newBar(d.out, total, progressbar.OptionShowBytes(true), progressbar.OptionSetDescription("download"))
		}
		d.bar.Set64(done)
	case time.Since(d.spoke) >= plainEvery:
		d.spoke = time.Now()
		fmt.Fprintf(d.out, "download %d of %d MB\n", done/1e6, total/1e6)
	}
}

// end takes the bar off the screen.
func (d *download) end() {
	if d.bar != nil {
		d.bar.Clear()
	}
}

// countProgress shows how far a part of something is: a bar on a terminal, else a
// line now and then.
type countProgress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // of the part, nil without a terminal
	spoke time.Time
}

func (p *countProgress) show(part string, done, total int) {
	switch {
	case isTerminal(p.out):
		if p.bar == nil {
			p.bar = newBar(p.out, int64(total), progressbar.OptionSetDescription("  "+part))
		}
		p.bar.Set(done)
	case time.Since(p.spoke) >= plainEvery:
		p.spoke = time.Now()
		fmt.Fprintf(p.out, "  %s: %d of %d\n", part, done, total)
	}
}

// end takes the bar off the screen.
func (p *countProgress) end() {
	if p.bar != nil {
		p.bar.Clear()
		p.bar = nil
	}
}
