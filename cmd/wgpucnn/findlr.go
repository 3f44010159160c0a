package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/lrfind"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// findLRSettings are the values of find-lr's flags.
type findLRSettings struct {
	settings // of the training that is to come
	lrfind.Range
	picture string
	train   *pflag.FlagSet // all flags of train, those of find-lr too
}

// notInTest are train's flags that have no meaning in the test: it sets the learning rate itself, and
// leaves nothing but a picture.
var notInTest = append([]string{
	"validation", "epochs", "lr", "sgd-lr", "schedule", "warmup", "warmup-share", "step-epochs", "gamma", "patience", "keep", "seeds", "shard", "out", "opset", "resume",
}, watching...)

// findLRFlags returns the flags of train without notInTest, and find-lr's own.
func findLRFlags(s *findLRSettings) *pflag.FlagSet {
	flags := cmdline.New("find-lr")
	s.train = trainFlags(&s.settings)
	s.train.VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(notInTest, f.Name) {
			flags.AddFlag(f)
		}
	})
	flags.Float64Var(&s.From, "from", 1e-7, "learning rate of the first step")
	flags.Float64Var(&s.To, "to", 10, "learning rate of the last step")
	flags.IntVar(&s.Steps, "steps", 100, "steps of the test, of --batch rows each")
	cmdline.PathFlag(flags, &s.picture, "png", "`file` for the picture of the losses (default find-lr.png)")
	return flags
}

func findLRHelp() string {
	var s findLRSettings
	return `wgpucnn find-lr suggests a learning rate for train.

usage: wgpucnn find-lr [FLAG]...

It trains each network for 100 steps. The learning rate grows by the same factor
from step to step. The rate at which the smoothed loss falls fastest is the
suggestion. A test ends early when the smoothed loss is four times its lowest
value. This is Smith's range test with the settings of fastai's lr_find. The
steps after the lowest loss do not count.

A suggestion is a start, not the best rate. Try it, a third and three times of
it. With --schedule cosine or onecycle it is a good highest rate. The flags are
those of the training that is to come. The test keeps no weights. With
--optimizer muon all parameters have the rate of the step.

` + manual.Flags(findLRFlags(&s)) + `
  wgpucnn find-lr
  wgpucnn find-lr --pooling avg --optimizer adamw --weight-decay 0.01
  wgpucnn find-lr --data DIR --batch 256 --to 1 --png rates.png
`
}

// ofFindLR is an error of what find-lr shares with train.
type ofFindLR struct{ error }

func (e ofFindLR) Error() string {
	if rest, ok := strings.CutPrefix(e.error.Error(), "train: "); ok {
		return "find-lr: " + rest
	}
	return e.error.Error()
}

func (e ofFindLR) Unwrap() error { return e.error }

// runFindLR tests learning rates for the networks that the flags name.
func runFindLR(ctx context.Context, args []string, out streams) error {
	var s findLRSettings
	flags := findLRFlags(&s)
	if err := cmdline.Parse(flags, args); err != nil {
		return err
	}
	err := s.follow(s.train)
	if err == nil {
		err = s.settings.check(s.train)
	}
	if err != nil {
		return ofFindLR{err}
	}
	if err := s.checkRange(); err != nil {
		return err
	}
	if s.picture == "" {
		s.picture = "find-lr.png"
	}
	if err := cmdline.CheckFile("find-lr: --png", s.picture); err != nil {
		return err
	}
	if err := s.test(ctx, out); err != nil {
		return ofFindLR{err}
	}
	return nil
}

func (s findLRSettings) checkRange() error {
	switch {
	case !(s.From > 0 && s.From < s.To):
		return fail.Usagef("find-lr: --from %v and --to %v: want numbers above 0, the second the greater", s.From, s.To)
	case math.IsInf(s.To, 1) || s.To > 1e30:
		return fail.Usagef("find-lr: --to %v: want at most 1e30", s.To)
	case s.Steps < 20 || s.Steps > 100_000:
		return fail.Usagef("find-lr: --steps %d: want 20 to 100000", s.Steps)
	}
	return nil
}

// test tests each network, prints the suggestions and writes the picture.
func (s findLRSettings) test(ctx context.Context, out streams) error {
	r, err := newRun(ctx, s.settings, streams{io.Discard, out.err})
	if err != nil {
		return err
	}
	defer r.release()
	terminal.Say(out.out, "adapter  %v\ndata     %s\n\n", r.dev.Adapter(), describeData(r.data.Name, r.summary.Config.Classes))
	variants, err := r.variants()
	if err != nil {
		return err
	}
	var curves []report.RateCurve
	rows := [][]string{{"network", "suggested", "lowest loss", "at", "steps", "ended by"}}
	for _, v := range variants {
		if err := r.checkInitial(v); err != nil {
			return err
		}
		if err := r.checkRule(v); err != nil {
			return err
		}
		ready := meter.Wait(r.progress, v.name+": learning rates")
		curve, err := lrfind.Find(ctx, r.dev, v.model, r.data, func(schedule optim.Schedule) optim.Optimiser {
			return r.rule.with(schedule, v.model)
		}, r.options(v.seed, nil), s.Range)
		ready()
		if err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		rows = append(rows, describeCurve(v.name, curve))
		curves = append(curves, drawnCurve(v.name, curve))
	}
	terminal.Say(out.out, "%s\n", report.Align(rows, func(column int) bool { return column == 0 || column == 5 }))
	picture, err := report.LearningRates(fmt.Sprintf("Learning rates on %s", r.data.Name), curves)
	if err == nil {
		err = durable.Write(s.picture, picture)
	}
	if err != nil {
		return err
	}
	terminal.Say(out.out, "%s\n", s.picture)
	if !slices.ContainsFunc(curves, func(c report.RateCurve) bool { return c.Suggested > 0 }) {
		return errors.New("find-lr: no loss fell: want other rates by --from and --to, or more --steps")
	}
	return nil
}

// describeCurve returns a network's row of the table.
func describeCurve(name string, c *lrfind.Curve) []string {
	row := []string{name, "none", "-", "-", report.Thousands(len(c.Points)), "last step"}
	if suggested := c.Suggestion(); suggested > 0 {
		row[1] = fmt.Sprintf("%.2g", suggested)
	}
	if len(c.Points) > 0 {
		lowest := slices.MinFunc(c.Points, func(a, b lrfind.Point) int { return cmp.Compare(a.Smooth, b.Smooth) })
		row[2], row[3] = fmt.Sprintf("%.3f", lowest.Smooth), fmt.Sprintf("%.2g", lowest.LR)
	}
	if c.Ended() {
		row[5] = "the loss"
	}
	return row
}

// drawnCurve returns a network's curve in the picture.
func drawnCurve(name string, c *lrfind.Curve) report.RateCurve {
	drawn := report.RateCurve{Name: name, Suggested: c.Suggestion()}
	for _, p := range c.Points {
		drawn.Rates, drawn.Loss = append(drawn.Rates, p.LR), append(drawn.Loss, p.Smooth)
	}
	return drawn
}
