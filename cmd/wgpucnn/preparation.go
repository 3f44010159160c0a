package main

import (
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// checkNormalize returns a usage error for a --normalize that does not exist.
func (s settings) checkNormalize() error {
	if choices := choose.Choices["normalize"]; !slices.Contains(choices, s.normalize) {
		return fail.Usagef("train: --normalize %s: want one of %s", s.normalize, strings.Join(choices, ", "))
	}
	return nil
}

// describeData writes into a recipe what is done to the data.
func (s settings) describeData(r *report.Recipe) {
	r.Split, r.Size, r.Strict = s.source.Split, s.source.Size, s.source.Strict
	if r.Split > 0 {
		r.SplitSeed = s.source.Seed
	}
	if s.normalize != choose.NormalizeLab {
		r.Normalize = s.normalize
	}
}

// normalization returns the first layer of every network of a seed: the lab's, or with --normalize data
// the one that fits the training rows of that seed.
func (r *run) normalization(seed uint64) (nn.Normalize, error) {
	if r.normalize != choose.NormalizeData {
		return nn.LabNormalizeFor(r.data.Train.Channels), nil
	}
	err := r.holdOut(seed)
	return nn.NormalizeBy(r.data.Train.Moments()), err
}
