package report

import (
	"fmt"
	"slices"
	"strings"
)

// Recipe is the training that all variants of a run share. What SGD with a constant learning rate and
// unchanged pictures does not have is left out of files.
type Recipe struct {
	Epochs         int     `json:"epochs"`
	Batch          int     `json:"batch"`
	Optimizer      string  `json:"optimizer,omitempty"` // "adamw", "muon", or "" for SGD
	LR             float64 `json:"lr"`
	MuonMomentum   float64 `json:"muon_momentum,omitempty"`
	SGDLR          float64 `json:"sgd_lr,omitempty"` // of what Muon leaves to SGD
	Momentum       float64 `json:"momentum"`         // of SGD
	Nesterov       bool    `json:"nesterov,omitempty"`
	WeightDecay    float64 `json:"weight_decay,omitempty"` // of weights
	DecayBiases    bool    `json:"decay_biases,omitempty"` // and of all other parameters
	ClipNorm       float64 `json:"clip_norm,omitempty"`    // most norm of all gradients, or 0 for any
	Schedule       string  `json:"schedule,omitempty"`     // "cosine", "onecycle", "steps", or "" for constant
	Warmup         int     `json:"warmup,omitempty"`       // epochs, of cosine
	WarmupShare    float64 `json:"warmup_share,omitempty"` // of the steps, of cosine
	StepEpochs     int     `json:"step_epochs,omitempty"`  // of steps
	Gamma          float64 `json:"gamma,omitempty"`        // of steps
	LabelSmoothing float64 `json:"label_smoothing,omitempty"`
	ClassWeights   string  `json:"class_weights,omitempty"` // "balanced", numbers by commas, or "" for none
	Mixup          float64 `json:"mixup,omitempty"`         // of Beta(Mixup, Mixup)
	Flip           string  `json:"flip,omitempty"`          // of training pictures: "random", "alternating", or "" for none
	Shift          int     `json:"shift,omitempty"`         // of training pictures, in pixels
	Cutout         int     `json:"cutout,omitempty"`        // of training pictures, in pixels
	Hidden         int     `json:"hidden"`                  // of the lab's networks, 0 for none of them
	PoolSize       int     `json:"pool_size"`               // of the lab's networks
	Split          float64 `json:"split,omitempty"`         // share of each class that is the test set, for data without one
	SplitSeed      uint64  `json:"split_seed,omitempty"`    // of Split, the same for every seed of a run
	Size           int     `json:"size,omitempty"`          // side of the pictures of a folder, 0 for the default
	Strict         bool    `json:"strict,omitempty"`        // unreadable pictures are an error
	Normalize      string  `json:"normalize,omitempty"`     // "data", or "" for the lab's normalisation
	Validation     float64 `json:"validation"`              // share of the training rows held out to choose the best variant
	Seed           uint64  `json:"seed"`
	InitScheme     string  `json:"init_scheme,omitempty"` // "he", or "" for PyTorch's default
	Seeds          string  `json:"seeds,omitempty"`       // of a run of several, such as "0-9"; Seed is then the first
	Shard          string  `json:"shard,omitempty"`       // the part of the run that this is, such as "2/10"
	Patience       int     `json:"patience,omitempty"`    // epochs without a better evaluation that end a training
	Keep           string  `json:"keep,omitempty"`        // "best" for the weights of the best epoch, or "" for the last
}

// Preparation returns in words what was done to the data, "" for nothing: "split 0.2, size 64".
func (r Recipe) Preparation() string {
	var words []string
	if r.Split > 0 {
		words = append(words, fmt.Sprintf("split %v", r.Split))
	}
	if r.Size > 0 {
		words = append(words, fmt.Sprintf("size %d", r.Size))
	}
	if r.Strict {
		words = append(words, "strict")
	}
	if r.Normalize != "" {
		words = append(words, "normalized by the "+r.Normalize)
	}
	return strings.Join(words, ", ")
}

// Rule returns the optimiser and its schedule in words: "SGD lr 0.005 momentum 0.9".
func (r Recipe) Rule() string {
	text := fmt.Sprintf("SGD lr %v momentum %v", r.LR, r.Momentum)
	switch r.Optimizer {
	case "adamw":
		text = fmt.Sprintf("AdamW lr %v", r.LR)
	case "muon":
		text = fmt.Sprintf("Muon lr %v momentum %v, SGD lr %v momentum %v", r.LR, r.MuonMomentum, r.SGDLR, r.Momentum)
	}
	if r.Nesterov {
		text += " (Nesterov)"
	}
	if r.WeightDecay > 0 {
		text += fmt.Sprintf(" weight decay %v", r.WeightDecay)
	}
	if r.DecayBiases {
		text += " of biases too"
	}
	if r.ClipNorm > 0 {
		text += fmt.Sprintf(", gradients clipped at norm %v", r.ClipNorm)
	}
	if r.Schedule != "" {
		text += ", schedule " + r.Schedule
	}
	if r.Warmup > 0 {
		text += fmt.Sprintf(", warm-up epochs %d", r.Warmup)
	}
	if r.WarmupShare > 0 {
		text += fmt.Sprintf(", warm-up %v of the steps", r.WarmupShare)
	}
	if r.StepEpochs > 0 {
		text += fmt.Sprintf(", times %v every %d epochs", r.Gamma, r.StepEpochs)
	}
	return text
}

// Ending returns in words when a training ends early and which weights it keeps. It returns "" if a
// training has all its epochs and keeps the last weights.
func (r Recipe) Ending() string {
	var words []string
	if r.Patience > 0 {
		words = append(words, fmt.Sprintf("patience %d", r.Patience))
	}
	if r.Keep != "" {
		words = append(words, "keep "+r.Keep)
	}
	return strings.Join(words, ", ")
}

// SeedText returns "seed 3", or "seeds 0-9" for a run of several.
func (r Recipe) SeedText() string {
	if r.Seeds != "" {
		return "seeds " + r.Seeds
	}
	return fmt.Sprintf("seed %d", r.Seed)
}

// Drawn returns how the initial weights are drawn, as words behind the seed. It returns "" for
// PyTorch's default.
func (r Recipe) Drawn() string {
	if r.InitScheme == "he" {
		return " (initial weights by He)"
	}
	return ""
}

// Loss returns in words what is changed in the loss: "label smoothing 0.1, mixup 0.4", or "" for plain
// cross-entropy.
func (r Recipe) Loss() string {
	var changes []string
	if r.LabelSmoothing > 0 {
		changes = append(changes, fmt.Sprintf("label smoothing %v", r.LabelSmoothing))
	}
	if r.ClassWeights != "" {
		changes = append(changes, "class weights "+r.ClassWeights)
	}
	if r.Mixup > 0 {
		changes = append(changes, fmt.Sprintf("mixup %v", r.Mixup))
	}
	return strings.Join(changes, ", ")
}

// Augmentation returns the changes of training pictures in words: "flip random, shift 4, cutout 8", or ""
// for none.
func (r Recipe) Augmentation() string {
	var changes []string
	if r.Flip != "" {
		changes = append(changes, "flip "+r.Flip)
	}
	if r.Shift > 0 {
		changes = append(changes, fmt.Sprintf("shift %d", r.Shift))
	}
	if r.Cutout > 0 {
		changes = append(changes, fmt.Sprintf("cutout %d", r.Cutout))
	}
	return strings.Join(changes, ", ")
}

// Words returns Rule, Loss, Augmentation and Ending.
func (r Recipe) Words() string {
	words := slices.DeleteFunc([]string{r.Rule(), r.Loss(), r.Augmentation(), r.Ending()}, func(w string) bool { return w == "" })
	return strings.Join(words, ", ")
}
