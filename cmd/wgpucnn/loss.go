package main

import (
	"fmt"
	"strconv"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// lossSettings are the values of the flags that say what training steps minimise.
type lossSettings struct {
	labelSmoothing float64
	classWeights   string // "none", "balanced", or numbers by commas
	mixup          float64
}

func lossFlags(flags *pflag.FlagSet, l *lossSettings) {
	flags.Float64Var(&l.labelSmoothing, "label-smoothing", 0, "`share` of each target that goes to all classes alike")
	flags.StringVar(&l.classWeights, "class-weights", "none", "`weights` of the classes in the loss: none, balanced, or a number for each class, by commas")
	flags.Float64Var(&l.mixup, "mixup", 0, "mix each batch with itself, by a share from Beta(`alpha`, alpha)")
}

// check returns a usage error for values that are wrong for all data.
func (l lossSettings) check() error {
	switch {
	case !(l.labelSmoothing >= 0 && l.labelSmoothing < 1):
		return fail.Usagef("train: --label-smoothing %v: want 0 or more, below 1", l.labelSmoothing)
	case !(l.mixup >= 0 && l.mixup <= 1000):
		return fail.Usagef("train: --mixup %v: want 0 or more, at most 1000", l.mixup)
	}
	_, err := l.weights()
	return err
}

// weights returns the numbers of --class-weights, nil for a word.
func (l lossSettings) weights() ([]float64, error) {
	if l.classWeights == "none" || l.classWeights == "balanced" {
		return nil, nil
	}
	var weights []float64
	for _, word := range strings.Split(l.classWeights, ",") {
		w, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || !(w >= 1e-6 && w <= 1e6) {
			return nil, fail.Usagef("train: --class-weights %s: want none, balanced, or numbers from 1e-6 to 1e6 by commas", l.classWeights)
		}
		weights = append(weights, w)
	}
	return weights, nil
}

// of returns the loss for a data set. Weights that are balanced are rows / (classes * rows of the class),
// counted in the training rows.
func (l lossSettings) of(data *dataset.Dataset) (layout.Loss, error) {
	loss := layout.Loss{LabelSmoothing: l.labelSmoothing, Mixup: l.mixup}
	classes := len(data.Classes)
	var err error
	if loss.ClassWeights, err = l.weights(); err != nil {
		return loss, err
	}
	if given := len(loss.ClassWeights); given > 0 && given != classes {
		return loss, fail.Usagef("train: --class-weights %s: there are %d numbers: want one for each of the %d classes %s", l.classWeights, given, classes, strings.Join(data.Classes, ","))
	}
	if l.classWeights != "balanced" {
		return loss, nil
	}
	counts := make([]int, classes)
	for _, label := range data.Train.Labels {
		counts[label]++
	}
	for i, count := range counts {
		if count == 0 {
			return loss, fmt.Errorf("train: --class-weights balanced: there are no training rows of %s: leave that class out, or give the weights as numbers", data.Classes[i])
		}
		loss.ClassWeights = append(loss.ClassWeights, float64(data.Train.Len())/float64(classes*count))
	}
	return loss, nil
}

// describe writes the loss into a recipe.
func (l lossSettings) describe(r *report.Recipe) {
	r.LabelSmoothing, r.Mixup = l.labelSmoothing, l.mixup
	if l.classWeights != "none" {
		r.ClassWeights = l.classWeights
	}
}
