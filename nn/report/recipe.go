package report

import "fmt"

// Recipe is the training that all variants of a run share. What SGD with a constant learning rate
// does not have is left out of files.
type Recipe struct {
	Epochs      int     `json:"epochs"`
	Batch       int     `json:"batch"`
	Optimizer   string  `json:"optimizer,omitempty"` // "adamw", or "" for SGD
	LR          float64 `json:"lr"`
	Momentum    float64 `json:"momentum"` // of SGD
	Nesterov    bool    `json:"nesterov,omitempty"`
	WeightDecay float64 `json:"weight_decay,omitempty"` // of weights; biases do not decay
	Schedule    string  `json:"schedule,omitempty"`     // "cosine", "onecycle", "steps", or "" for constant
	Warmup      int     `json:"warmup,omitempty"`       // epochs, of cosine
	StepEpochs  int     `json:"step_epochs,omitempty"`  // of steps
	Gamma       float64 `json:"gamma,omitempty"`        // of steps
	Hidden      int     `json:"hidden"`                 // of the lab's networks, 0 for none of them
	PoolSize    int     `json:"pool_size"`              // of the lab's networks
	Validation  float64 `json:"validation"`             // share of the training rows held out to choose the best variant
	Seed        uint64  `json:"seed"`
	InitScheme  string  `json:"init_scheme,omitempty"` // "he", or "" for PyTorch's default
}

// Rule returns the optimiser and its schedule in words: "SGD lr 0.005 momentum 0.9".
func (r Recipe) Rule() string {
	text := fmt.Sprintf("SGD lr %v momentum %v", r.LR, r.Momentum)
	if r.Optimizer == "adamw" {
		text = fmt.Sprintf("AdamW lr %v", r.LR)
	}
	if r.Nesterov {
		text += " (Nesterov)"
	}
	if r.WeightDecay > 0 {
		text += fmt.Sprintf(" weight decay %v", r.WeightDecay)
	}
	if r.Schedule != "" {
		text += ", schedule " + r.Schedule
	}
	if r.Warmup > 0 {
		text += fmt.Sprintf(", warm-up epochs %d", r.Warmup)
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
