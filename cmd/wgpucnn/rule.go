package main

import (
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
	optimizer   string
	lr          float64
	momentum    float64
	nesterov    bool
	weightDecay float64
	schedule    string
	warmup      int // epochs
	stepEpochs  int
	gamma       float64
}

func ruleFlags(flags *pflag.FlagSet, u *rule) {
	flags.StringVar(&u.optimizer, "optimizer", "sgd", "`rule` by which gradients change weights: sgd or adamw")
	flags.Float64Var(&u.lr, "lr", 5e-3, "learning rate; the highest one of a schedule")
	flags.Float64Var(&u.momentum, "momentum", 0.9, "for sgd: momentum")
	flags.BoolVar(&u.nesterov, "nesterov", false, "for sgd: Nesterov's momentum")
	flags.Float64Var(&u.weightDecay, "weight-decay", 0, "decay of the weights; biases do not decay")
	flags.StringVar(&u.schedule, "schedule", "constant", "`course` of the learning rate: constant, cosine, onecycle or steps")
	flags.IntVar(&u.warmup, "warmup", 0, "for cosine: first `epochs`, in which the learning rate rises")
	flags.IntVar(&u.stepEpochs, "step-epochs", 0, "for steps: `epochs` from one fall of the learning rate to the next")
	flags.Float64Var(&u.gamma, "gamma", 0.1, "for steps: factor of the learning rate at each fall")
}

// unknownBefore are the flags that earlier versions do not know. A run that leaves them as they are
// does not name them, so that an earlier version can go on with it.
var unknownBefore = []string{"optimizer", "nesterov", "weight-decay", "schedule", "init-scheme", "label-smoothing", "class-weights", "mixup", "flip", "shift", "cutout", "split", "size", "strict", "normalize"}

// conditions are the flags that have a meaning with one value of another flag alone.
var conditions = []struct{ flag, with, value string }{
	{"momentum", "optimizer", "sgd"},
	{"nesterov", "optimizer", "sgd"},
	{"warmup", "schedule", "cosine"},
	{"step-epochs", "schedule", "steps"},
	{"gamma", "schedule", "steps"},
}

// meaningless returns the flags that the others leave without a meaning.
func meaningless(flags *pflag.FlagSet) []string {
	var names []string
	for _, c := range conditions {
		if flags.Lookup(c.with).Value.String() != c.value {
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
		if given.Changed(c.flag) && given.Lookup(c.with).Value.String() != c.value {
			return fail.Usagef("train: --%s is for --%s %s: leave it out", c.flag, c.with, c.value)
		}
	}
	switch {
	case !(u.lr > 0 && u.lr <= 1e30):
		return fail.Usagef("train: --lr %v: want a number above 0, at most 1e30", u.lr)
	case !(u.momentum >= 0 && u.momentum < 1):
		return fail.Usagef("train: --momentum %v: want 0 or more, below 1", u.momentum)
	case u.nesterov && u.momentum == 0:
		return fail.Usagef("train: --nesterov and --momentum 0: want a momentum above 0")
	case !(u.weightDecay >= 0 && u.weightDecay <= 1e30):
		return fail.Usagef("train: --weight-decay %v: want 0 or more, at most 1e30", u.weightDecay)
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
	r.LR, r.WeightDecay = u.lr, u.weightDecay
	if u.optimizer == "sgd" {
		r.Momentum, r.Nesterov = u.momentum, u.nesterov
	} else {
		r.Optimizer = u.optimizer
	}
	switch r.Schedule = u.schedule; u.schedule {
	case "constant":
		r.Schedule = ""
	case "cosine":
		r.Warmup = u.warmup
	case "steps":
		r.StepEpochs, r.Gamma = u.stepEpochs, u.gamma
	}
}

// spans tells whether the schedule spreads over all epochs, so that it depends on their number.
func (u rule) spans() bool { return u.schedule == "cosine" || u.schedule == "onecycle" }

// optimiser returns the rule for a network and a training of so many epochs.
func (u rule) optimiser(model *nn.Network, epochs, stepsPerEpoch int) (optim.Optimiser, error) {
	var groups []optim.Group
	if u.weightDecay > 0 {
		groups = []optim.Group{{Params: model.Vectors()}}
	}
	var schedule optim.Schedule
	var err error
	switch u.schedule {
	case "cosine":
		schedule, err = optim.Cosine(u.warmup*stepsPerEpoch, epochs*stepsPerEpoch)
	case "onecycle":
		schedule, err = optim.OneCycle(epochs * stepsPerEpoch)
	case "steps":
		schedule, err = optim.Steps(u.stepEpochs*stepsPerEpoch, u.gamma)
	}
	if u.optimizer == "adamw" {
		return optim.AdamW{LR: u.lr, WeightDecay: u.weightDecay, Schedule: schedule, Groups: groups}, err
	}
	return optim.SGD{LR: u.lr, Momentum: u.momentum, Nesterov: u.nesterov, WeightDecay: u.weightDecay, Schedule: schedule, Groups: groups}, err
}
