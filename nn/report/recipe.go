package report

import (
	"fmt"
	"strings"
)

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
	Hidden      int     `json:"hidden"`
	PoolSize    int     `json:"pool_size"`
	Split       float64 `json:"split,omitempty"`     // share of each class that is the test set, for data without one
	Size        int     `json:"size,omitempty"`      // side of the pictures of a folder, 0 for the default
	Strict      bool    `json:"strict,omitempty"`    // unreadable pictures are an error
	Normalize   string  `json:"normalize,omitempty"` // "data", or "" for the lab's normalisation
	Validation  float64 `json:"validation"`          // share of the training rows held out to choose the best variant
	Seed        uint64  `json:"seed"`
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
