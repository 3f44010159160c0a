package verify

import (
	"context"
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/internal/reference"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

// trainingCase is twenty steps of training of a network. PyTorch took the same steps from the
// same weights on the same batches. Every other batch lacks rows.
type trainingCase struct {
	label   string // of PyTorch's file
	network string // see package reference
	rule    func(*nn.Network) (optim.Optimiser, error)
	loss    layout.Loss
	augment nn.Augment
	clip    float64 // see train.Options.ClipNorm
	gpu     bool    // with the tilings of a GPU
	image   bool    // and image by image
}

func (c trainingCase) Name() string {
	switch {
	case c.image:
		return c.label + ", image by image"
	case c.gpu:
		return c.label + ", GPU family"
	}
	return c.label
}

func trainingCases() []shadertest.Case {
	sgd := func(*nn.Network) (optim.Optimiser, error) {
		return optim.SGD{LR: golden.LR, Momentum: golden.Momentum}, nil
	}
	weighted := layout.Loss{LabelSmoothing: golden.Smoothing, ClassWeights: golden.ClassWeights}
	mixup := layout.Loss{LabelSmoothing: golden.Smoothing, Mixup: golden.MixupAlpha}
	less := layout.Loss{LabelSmoothing: golden.Smoothing, Mixup: golden.MediumAlpha}
	change := nn.Augment{Flip: nn.FlipAlternating, Shift: golden.Shift}
	cut := nn.Augment{Flip: nn.FlipAlternating, Shift: golden.Shift, Cutout: golden.Cutout}
	muon, strong := halfStepMuon(golden.MuonLR, golden.MuonRestLR), halfStepMuon(golden.StrongLR, golden.StrongLR)
	var cases []shadertest.Case
	for _, name := range reference.Names() {
		cases = append(cases, trainingCase{label: name, network: name, rule: sgd})
	}
	return append(cases,
		trainingCase{label: "adamw", network: reference.Smooth, rule: cycledAdamW},
		trainingCase{label: "muon", network: reference.Small, rule: muon, clip: golden.MuonClip},
		trainingCase{label: "muon", network: reference.Small, rule: muon, clip: golden.MuonClip, gpu: true},
		trainingCase{label: "strong", network: reference.Strong, rule: strong, loss: mixup, augment: change},
		trainingCase{label: "strong", network: reference.Strong, rule: strong, loss: mixup, augment: change, gpu: true},
		trainingCase{label: "medium", network: reference.Medium, rule: strong, loss: less, augment: cut},
		trainingCase{label: "medium", network: reference.Medium, rule: strong, loss: less, augment: cut, gpu: true},
		trainingCase{label: "weighted", network: reference.Small, rule: sgd, loss: weighted},
		trainingCase{label: "mixup", network: reference.Small, rule: sgd, loss: mixup},
		trainingCase{label: "weighted", network: reference.Small, rule: sgd, loss: weighted, gpu: true},
		trainingCase{label: "mixup", network: reference.Small, rule: sgd, loss: mixup, gpu: true},
		trainingCase{label: "base", network: "base", rule: sgd, gpu: true},
		trainingCase{label: reference.Small, network: reference.Small, rule: sgd, gpu: true, image: true},
		trainingCase{label: reference.Residual, network: reference.Residual, rule: sgd, gpu: true},
		trainingCase{label: reference.BatchNorm, network: reference.BatchNorm, rule: sgd, gpu: true},
		trainingCase{label: "adamw", network: reference.Smooth, rule: cycledAdamW, gpu: true},
	)
}

// cycledAdamW returns AdamW in one cycle. Weights decay, biases do not.
func cycledAdamW(model *nn.Network) (optim.Optimiser, error) {
	cycle, err := optim.OneCycle(golden.Steps)
	return optim.AdamW{LR: golden.AdamWLR, WeightDecay: golden.AdamWDecay, Schedule: cycle, Groups: []optim.Group{{Params: model.Vectors()}}}, err
}

// halfStepMuon returns a rule: Muon for the convolutions, and SGD for the rest, which decays. Both rates have a warm-up and
// a cosine of half steps.
func halfStepMuon(lr, restLR float64) func(*nn.Network) (optim.Optimiser, error) {
	return func(model *nn.Network) (optim.Optimiser, error) {
		schedule, err := optim.CosineShare(golden.MuonShare, golden.Steps)
		return optim.Muon{
			LR: lr, Momentum: golden.MuonMomentum, Params: model.Filters(), Schedule: schedule,
			Rest: optim.SGD{LR: restLR, Momentum: golden.Momentum, Nesterov: true, WeightDecay: golden.MuonDecay, Schedule: schedule},
		}, err
	}
}

// trained is the result of a training.
type trained struct {
	losses  []float32
	correct []uint32
	state   nn.StateDict
}

// try trains twice and compares losses, correct rows and weights with PyTorch's, and
// the second training with the first.
func (c trainingCase) Try(r *shadertest.Rig) {
	if r.Device() == nil {
		r.Fail("a training needs a device")
		return
	}
	got, err := c.train(r)
	if err != nil {
		r.Err = err
		return
	}
	again, err := c.train(r)
	if err != nil {
		r.Err = err
		return
	}
	want := golden.LoadTraining(c.label)
	r.Within("losses", got.losses, want.Losses, 0, 1e-5)
	for i, correct := range want.Correct {
		if int64(got.correct[i]) != correct {
			r.Fail("step %d: %d rows right, want %d", i+1, got.correct[i], correct)
		}
	}
	for i, tensor := range got.state {
		r.Within(tensor.Name, tensor.Data, shadertest.Wide(want.Weights(tensor.Name)), 1e-5, 0)
		if !slices.Equal(tensor.Data, again.state[i].Data) {
			r.Fail("%s: the same training gave other bits the second time", tensor.Name)
		}
	}
	if !slices.Equal(got.losses, again.losses) {
		r.Fail("losses: the same training gave other bits the second time")
	}
}

func (c trainingCase) train(r *shadertest.Rig) (*trained, error) {
	model, err := reference.Network(c.network)
	if err != nil {
		return nil, err
	}
	images := golden.Images()
	one := images
	one.Pixels, one.Labels = images.Pixels[:model.In.Size()], images.Labels[:1]
	data := &dataset.Dataset{Name: "golden", Classes: []string{"a", "b", "c"}, Train: images, Test: one}
	rule, err := c.rule(model)
	if err != nil {
		return nil, err
	}
	adapter := r.Device().Adapter()
	if c.gpu {
		adapter.Type = engine.DiscreteGPU
	}
	tiling := nn.TilingFor(adapter)
	if c.image && tiling.GPU != (nn.GPUTiling{}) {
		tiling.GPU.ImageMemory = imageStepMemory
	}
	o := train.Options{Batch: golden.Batch, State: reference.State(model), Loss: c.loss, Augment: c.augment, Order: golden.Order, Tilings: nn.Tilings{Default: tiling}, ClipNorm: c.clip}
	trainer, err := train.New(r.Device(), model, data, rule, o)
	if err != nil {
		return nil, err
	}
	defer trainer.Release()
	var t trained
	epochs := golden.Steps / trainer.StepsPerEpoch()
	err = trainer.Train(context.Background(), epochs, train.Observer{Step: func(s stats.Step) {
		t.losses = append(t.losses, float32(s.Loss))
		t.correct = append(t.correct, uint32(s.Correct))
	}})
	if err != nil {
		return nil, err
	}
	if len(t.losses) != golden.Steps {
		return nil, fmt.Errorf("%d steps, want %d", len(t.losses), golden.Steps)
	}
	t.state, err = trainer.State()
	return &t, err
}
