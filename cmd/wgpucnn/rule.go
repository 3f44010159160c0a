package main

import (
	"cmp"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// rule are the values of the flags that say how gradients change weights.
type rule struct {
	optimizer    string
	lr           float64
	muonMomentum float64
	sgdLR        float64 // of what Muon leaves to SGD; 0 means lr
	momentum     float64
	nesterov     bool
	weightDecay  float64
	decayBiases  bool
	clipNorm     float64
	schedule     string
	warmup       int     // epochs
	warmupShare  float64 // of the steps
	stepEpochs   int
	gamma        float64
}

func ruleFlags(flags *pflag.FlagSet, u *rule) {
	flags.StringVar(&u.optimizer, "optimizer", "sgd", "`rule` by which gradients change weights: sgd, adamw or muon")
	flags.Float64Var(&u.lr, "lr", 5e-3, "learning rate; the highest one of a schedule")
	flags.Float64Var(&u.muonMomentum, "muon-momentum", 0.6, "for muon: momentum of the convolutions' weights")
	flags.Float64Var(&u.sgdLR, "sgd-lr", 0, "for muon: learning rate of all other parameters, which sgd changes (default --lr)")
	flags.Float64Var(&u.momentum, "momentum", 0.9, "for sgd, and muon's sgd: momentum")
	flags.BoolVar(&u.nesterov, "nesterov", false, "for sgd, and muon's sgd: Nesterov's momentum")
	flags.Float64Var(&u.weightDecay, "weight-decay", 0, "decay of the weights, with muon of sgd's alone; biases do not decay")
	flags.BoolVar(&u.decayBiases, "decay-biases", false, "let biases, and all parameters of one dimension, decay too")
	flags.Float64Var(&u.clipNorm, "clip-norm", 0, "most `norm` of all gradients together; 0 for any")
	flags.StringVar(&u.schedule, "schedule", "constant", "`course` of the learning rate: constant, cosine, onecycle or steps")
	flags.IntVar(&u.warmup, "warmup", 0, "for cosine: first `epochs`, in which the learning rate rises")
	flags.Float64Var(&u.warmupShare, "warmup-share", 0, "for cosine, in place of --warmup: first `share` of the steps; each step counts at its middle")
	flags.IntVar(&u.stepEpochs, "step-epochs", 0, "for steps: `epochs` from one fall of the learning rate to the next")
	flags.Float64Var(&u.gamma, "gamma", 0.1, "for steps: factor of the learning rate at each fall")
}

// unknownBefore are the flags that earlier versions do not know. A run that leaves them as they are
// does not name them, so that an earlier version can go on with it.
var unknownBefore = []string{"optimizer", "nesterov", "weight-decay", "decay-biases", "clip-norm", "schedule", "warmup-share", "init-scheme", "label-smoothing", "class-weights", "mixup", "flip", "shift", "cutout", "split", "size", "strict", "normalize", "patience", "keep", "seeds", "shard"}

// conditions are the flags that have a meaning with some values of another flag alone.
var conditions = []struct {
	flag, with string
	values     []string
}{
	{"muon-momentum", "optimizer", []string{"muon"}},
	{"sgd-lr", "optimizer", []string{"muon"}},
	{"momentum", "optimizer", []string{"sgd", "muon"}},
	{"nesterov", "optimizer", []string{"sgd", "muon"}},
	{"warmup", "schedule", []string{"cosine"}},
	{"warmup-share", "schedule", []string{"cosine"}},
	{"step-epochs", "schedule", []string{"steps"}},
	{"gamma", "schedule", []string{"steps"}},
}

// meaningless returns the flags that the others leave without a meaning.
func meaningless(flags *pflag.FlagSet) []string {
	var names []string
	for _, c := range conditions {
		if !slices.Contains(c.values, flags.Lookup(c.with).Value.String()) {
			names = append(names, c.flag)
		}
	}
	return names
}

// check returns a usage error for flags that are wrong or do not fit together.
func (u rule) check(given *pflag.FlagSet, epochs int) error {
	for _, c := range []struct{ flag, value string }{{"optimizer", u.optimizer}, {"schedule", u.schedule}} {
		if choices := choose.Choices[c.flag]; !slices.Contains(choices, c.value) {
			return fail.Usagef("train: --%s %s: want one of %s", c.flag, c.value, strings.Join(choices, ", "))
		}
	}
	for _, c := range conditions {
		if given.Changed(c.flag) && !slices.Contains(c.values, given.Lookup(c.with).Value.String()) {
			return fail.Usagef("train: --%s is for --%s %s: leave it out", c.flag, c.with, strings.Join(c.values, " and "))
		}
	}
	switch {
	case !(u.lr > 0 && u.lr <= 1e30):
		return fail.Usagef("train: --lr %v: want a number above 0, at most 1e30", u.lr)
	case !(u.muonMomentum >= 0 && u.muonMomentum < 1):
		return fail.Usagef("train: --muon-momentum %v: want 0 or more, below 1", u.muonMomentum)
	case !(u.sgdLR >= 0 && u.sgdLR <= 1e30):
		return fail.Usagef("train: --sgd-lr %v: want a number above 0, at most 1e30, or 0 for --lr", u.sgdLR)
	case !(u.momentum >= 0 && u.momentum < 1):
		return fail.Usagef("train: --momentum %v: want 0 or more, below 1", u.momentum)
	case u.nesterov && u.momentum == 0:
		return fail.Usagef("train: --nesterov and --momentum 0: want a momentum above 0")
	case !(u.weightDecay >= 0 && u.weightDecay <= 1e30):
		return fail.Usagef("train: --weight-decay %v: want 0 or more, at most 1e30", u.weightDecay)
	case u.clipNorm != 0 && !(u.clipNorm >= 1e-30 && u.clipNorm <= 1e30):
		return fail.Usagef("train: --clip-norm %v: want 1e-30 to 1e30, or 0 for any norm", u.clipNorm)
	case !(u.warmupShare >= 0 && u.warmupShare < 1):
		return fail.Usagef("train: --warmup-share %v: want 0 or more, below 1", u.warmupShare)
	case u.warmup > 0 && u.warmupShare > 0:
		return fail.Usagef("train: --warmup and --warmup-share: want one of them")
	case u.warmup < 0 || u.warmup >= epochs:
		return fail.Usagef("train: --warmup %d: want 0 or more, and fewer than the %d of --epochs", u.warmup, epochs)
	case u.schedule == "steps" && (u.stepEpochs < 1 || u.stepEpochs > 1_000_000):
		return fail.Usagef("train: --schedule steps and --step-epochs %d: want 1 to 1000000 epochs from one fall to the next", u.stepEpochs)
	case !(u.gamma > 0 && u.gamma <= 1):
		return fail.Usagef("train: --gamma %v: want a number above 0, at most 1", u.gamma)
	}
	return nil
}

// describe writes the rule into a recipe, without what has no meaning.
func (u rule) describe(r *report.Recipe) {
	r.LR, r.WeightDecay, r.DecayBiases, r.ClipNorm = u.lr, u.weightDecay, u.decayBiases, u.clipNorm
	if u.optimizer != "sgd" {
		r.Optimizer = u.optimizer
	}
	if u.optimizer != "adamw" {
		r.Momentum, r.Nesterov = u.momentum, u.nesterov
	}
	if u.optimizer == "muon" {
		r.MuonMomentum, r.SGDLR = u.muonMomentum, cmp.Or(u.sgdLR, u.lr)
	}
	switch r.Schedule = u.schedule; u.schedule {
	case "constant":
		r.Schedule = ""
	case "cosine":
		r.Warmup, r.WarmupShare = u.warmup, u.warmupShare
	case "steps":
		r.StepEpochs, r.Gamma = u.stepEpochs, u.gamma
	}
}

// spans tells whether the schedule spreads over all epochs, so that it depends on their number.
func (u rule) spans() bool { return u.schedule == "cosine" || u.schedule == "onecycle" }

// optimiser returns the rule for a network and a training of so many epochs.
func (u rule) optimiser(model *nn.Network, epochs, stepsPerEpoch int) (optim.Optimiser, error) {
	var schedule optim.Schedule
	var err error
	switch u.schedule {
	case "cosine":
		if u.warmupShare > 0 {
			schedule, err = optim.CosineShare(u.warmupShare, epochs*stepsPerEpoch)
			break
		}
		schedule, err = optim.Cosine(u.warmup*stepsPerEpoch, epochs*stepsPerEpoch)
	case "onecycle":
		schedule, err = optim.OneCycle(epochs * stepsPerEpoch)
	case "steps":
		schedule, err = optim.Steps(u.stepEpochs*stepsPerEpoch, u.gamma)
	}
	return u.with(schedule, model), err
}

// with returns the rule for a network with a schedule.
func (u rule) with(schedule optim.Schedule, model *nn.Network) optim.Optimiser {
	var groups []optim.Group
	if u.weightDecay > 0 && !u.decayBiases {
		groups = []optim.Group{{Params: model.Vectors()}}
	}
	sgd := optim.SGD{LR: u.lr, Momentum: u.momentum, Nesterov: u.nesterov, WeightDecay: u.weightDecay, Schedule: schedule, Groups: groups}
	switch u.optimizer {
	case "muon":
		sgd.LR = cmp.Or(u.sgdLR, u.lr)
		return optim.Muon{LR: u.lr, Momentum: u.muonMomentum, Params: model.Filters(), Schedule: schedule, Rest: sgd}
	case "adamw":
		return optim.AdamW{LR: u.lr, WeightDecay: u.weightDecay, Schedule: schedule, Groups: groups}
	}
	return sgd
}
