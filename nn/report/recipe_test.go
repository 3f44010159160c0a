package report

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRule(t *testing.T) {
	for want, r := range map[string]Recipe{
		"SGD lr 0.005 momentum 0.9":                              {LR: 5e-3, Momentum: 0.9},
		"SGD lr 0.1 momentum 0.9 (Nesterov) weight decay 0.0001": {LR: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4},
		"AdamW lr 0.001 weight decay 0.01, schedule onecycle":    {Optimizer: "adamw", LR: 1e-3, WeightDecay: 0.01, Schedule: "onecycle"},
		"Muon lr 0.1 momentum 0.6, SGD lr 0.2 momentum 0.9 (Nesterov) weight decay 0.0005 of biases too, gradients clipped at norm 2, schedule cosine, warm-up 0.1 of the steps": {
			Optimizer: "muon", LR: 0.1, MuonMomentum: 0.6, SGDLR: 0.2, Momentum: 0.9, Nesterov: true, WeightDecay: 5e-4, DecayBiases: true, ClipNorm: 2, Schedule: "cosine", WarmupShare: 0.1,
		},
		"AdamW lr 1, schedule cosine, warm-up epochs 5":                  {Optimizer: "adamw", LR: 1, Schedule: "cosine", Warmup: 5},
		"SGD lr 1 momentum 0, schedule steps, times 0.5 every 30 epochs": {LR: 1, Schedule: "steps", StepEpochs: 30, Gamma: 0.5},
	} {
		if got := r.Rule(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLoss(t *testing.T) {
	for want, r := range map[string]Recipe{
		"SGD lr 1 momentum 0": {LR: 1},
		"SGD lr 1 momentum 0, label smoothing 0.1, class weights balanced, mixup 0.4": {LR: 1, LabelSmoothing: 0.1, ClassWeights: "balanced", Mixup: 0.4},
		"SGD lr 1 momentum 0, mixup 0.4":                                              {LR: 1, Mixup: 0.4},
	} {
		if got := r.Words(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAugmentation(t *testing.T) {
	for want, r := range map[string]Recipe{
		"SGD lr 1 momentum 0": {LR: 1},
		"SGD lr 1 momentum 0, flip alternating, shift 4, cutout 8": {LR: 1, Flip: "alternating", Shift: 4, Cutout: 8},
		"SGD lr 1 momentum 0, cutout 8":                            {LR: 1, Cutout: 8},
	} {
		if got := r.Words(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEnding(t *testing.T) {
	for want, r := range map[string]Recipe{
		"":                      {},
		"patience 3":            {Patience: 3},
		"keep best":             {Keep: "best"},
		"patience 3, keep best": {Patience: 3, Keep: "best"},
	} {
		if got := r.Ending(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Programs that read the files of SGD with a constant learning rate meet no new names.
func TestRecipeOfSGD(t *testing.T) {
	text, err := json.Marshal(Recipe{Epochs: 1, Batch: 2, LR: 3, Momentum: 0.5})
	if want := `{"epochs":1,"batch":2,"lr":3,"momentum":0.5,"hidden":0,"pool_size":0,"validation":0,"seed":0}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
	for _, name := range []string{"optimizer", "nesterov", "weight_decay", "schedule", "warmup", "step_epochs", "gamma", "label_smoothing", "class_weights", "mixup", "init_scheme", "flip", "shift", "cutout", "patience", "keep"} {
		text, err := json.Marshal(Recipe{Optimizer: "adamw", Nesterov: true, WeightDecay: 1, Schedule: "cosine", Warmup: 1, StepEpochs: 1, Gamma: 1, LabelSmoothing: 0.1, ClassWeights: "balanced", Mixup: 1, InitScheme: "he", Flip: "random", Shift: 1, Cutout: 1, Patience: 1, Keep: "best"})
		if err != nil || !strings.Contains(string(text), `"`+name+`":`) {
			t.Errorf("no %s in %s, %v", name, text, err)
		}
	}
}
