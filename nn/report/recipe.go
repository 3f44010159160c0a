package report

import "fmt"

// Recipe is the training that all variants of a run share. What SGD with a constant learning rate
// does not have is left out of files.
type Recipe struct {
	Epochs       int     `json:"epochs"`
	Batch        int     `json:"batch"`
	Optimizer    string  `json:"optimizer,omitempty"` // "adamw", "muon", or "" for SGD
	LR           float64 `json:"lr"`
	MuonMomentum float64 `json:"muon_momentum,omitempty"`
	SGDLR        float64 `json:"sgd_lr,omitempty"` // of what Muon leaves to SGD
	Momentum     float64 `json:"momentum"`         // of SGD
	Nesterov     bool    `json:"nesterov,omitempty"`
	WeightDecay  float64 `json:"weight_decay,omitempty"` // of weights
	DecayBiases  bool    `json:"decay_biases,omitempty"` // and of all other parameters
	ClipNorm     float64 `json:"clip_norm,omitempty"`    // most norm of all gradients, or 0 for any
	Schedule     string  `json:"schedule,omitempty"`     // "cosine", "onecycle", "steps", or "" for constant
	Warmup       int     `json:"warmup,omitempty"`       // epochs, of cosine
	WarmupShare  float64 `json:"warmup_share,omitempty"` // of the steps, of cosine
	StepEpochs   int     `json:"step_epochs,omitempty"`  // of steps
	Gamma        float64 `json:"gamma,omitempty"`        // of steps
	Hidden       int     `json:"hidden"`                 // of the lab's networks, 0 for none of them
	PoolSize     int     `json:"pool_size"`              // of the lab's networks
	Validation   float64 `json:"validation"`             // share of the training rows held out to choose the best variant
	Seed         uint64  `json:"seed"`
	InitScheme   string  `json:"init_scheme,omitempty"` // "he", or "" for PyTorch's default
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

// Drawn returns how the initial weights are drawn, as words behind the seed. It returns "" for
// PyTorch's default.
func (r Recipe) Drawn() string {
	if r.InitScheme == "he" {
		return " (initial weights by He)"
	}
	return ""
}
