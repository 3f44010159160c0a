package bench

import (
	"context"
	"errors"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/engine/hostclock"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/energy"
	"wgpucnn/nn/optim"
	"wgpucnn/nn/stats"
	"wgpucnn/nn/train"
)

// labRule is the optimiser of the lab.
var labRule = optim.SGD{LR: 5e-3, Momentum: 0.9}

// TargetSettings say what Reach trains, and up to which accuracy.
type TargetSettings struct {
	Variant  string  // of the lab's model
	Accuracy float64 // of the test rows, in percent
	Epochs   int     // after which it gives up
	Batch    int
	Seed     uint64 // of the weights and of the order of rows
	Tilings  nn.Tilings
}

// Target is how long a training takes to reach a test accuracy, for somebody who waits for it.
type Target struct {
	Variant        string  `json:"variant"`
	Data           string  `json:"data"`
	DataSHA256     string  `json:"data_sha256"`
	Seed           uint64  `json:"seed"`
	Accuracy       float64 `json:"accuracy"`        // wanted, in percent
	Reached        float64 `json:"reached"`         // in percent: the mean over the test batches of the epoch, as in a run's curves
	Epoch          int     `json:"epoch"`           // the first that reaches it
	Seconds        float64 `json:"seconds"`         // of training, and of evaluating each epoch, to the end of that epoch
	CompileSeconds float64 `json:"compile_seconds"` // before that

	// Joules is the energy of Seconds, of the whole card, with what it uses when idle. It is 0 if
	// it is not known.
	Joules float64 `json:"joules,omitempty"`
	Metered
}

// exactBelow is the time below which a training is repeated. A submission holds steps of a quarter
// of a second, and may hold some beyond the epoch that reaches the target. A training of a hundred
// submissions is not noticeably longer for that.
const exactBelow = 100 * submissionTime

// Reach trains until an epoch has the wanted accuracy. It then repeats a short training for
// exactly so many epochs and takes the time of that: it ends in the same weights. It returns an
// error that tells the best accuracy if no epoch reaches the wanted one. observe is called with
// the figures of each epoch of the first training.
func Reach(ctx context.Context, dev *engine.Device, data *dataset.Dataset, s TargetSettings, observe func(stats.Epoch)) (Target, error) {
	m, without := findMeter(dev)
	t, err := s.reach(ctx, dev, data, m, observe)
	if without != nil {
		t.NoMeter = without.Error()
	}
	return t, err
}

// reach is Reach with a meter of energy, or nil.
func (s TargetSettings) reach(ctx context.Context, dev *engine.Device, data *dataset.Dataset, m *meter, observe func(stats.Epoch)) (Target, error) {
	t, err := s.search(ctx, dev, data, m, observe)
	if err != nil || t.Seconds >= exactBelow.Seconds() {
		return t, err
	}
	trainer, err := s.trainer(dev, data)
	if err != nil {
		return Target{}, err
	}
	defer trainer.Release()
	start := hostclock.Now()
	err = trainer.Train(ctx, t.Epoch, train.Observer{})
	t.Seconds = hostclock.Since(start).Seconds()
	// A meter needs some seconds: the training goes on for as many epochs again.
	end, repeats := m.begin(), 0
	for start = hostclock.Now(); m != nil && err == nil && hostclock.Since(start) < energy.Window; repeats++ {
		err = trainer.Train(ctx, t.Epoch, train.Observer{})
	}
	t.Joules, t.Metered = end(repeats)
	return t, err
}

// search trains until an epoch has the wanted accuracy.
func (s TargetSettings) search(ctx context.Context, dev *engine.Device, data *dataset.Dataset, m *meter, observe func(stats.Epoch)) (Target, error) {
	trainer, err := s.trainer(dev, data)
	if err != nil {
		return Target{}, err
	}
	defer trainer.Release()
	t := Target{Variant: s.Variant, Data: data.Name, DataSHA256: data.SHA256(), Seed: s.Seed, Accuracy: s.Accuracy}
	searching, stop := context.WithCancel(ctx)
	defer stop()
	end, best, start := m.begin(), 0.0, hostclock.Now()
	err = trainer.Train(searching, s.Epochs, train.Observer{Epoch: func(e stats.Epoch) {
		reached := 100 * e.TestAccuracy.Mean
		best = max(best, reached)
		if t.Epoch == 0 && reached >= s.Accuracy {
			t.Epoch, t.Reached, t.Seconds = e.Epoch, reached, hostclock.Since(start).Seconds()
			t.Joules, t.Metered = end(1)
			stop()
		}
		observe(e)
	}})
	if t.Epoch == 0 {
		end(1)
	}
	switch {
	case ctx.Err() != nil:
		return Target{}, ctx.Err()
	case err != nil && !errors.Is(err, context.Canceled):
		return Target{}, fmt.Errorf("bench: %s: %w", s.Variant, err)
	case t.Epoch == 0:
		return Target{}, fmt.Errorf("bench: %s: epochs 1 to %d reach %.1f %% of the test rows at best, not %v %%: want a lower accuracy or more epochs",
			s.Variant, s.Epochs, best, s.Accuracy)
	}
	trained, err := trainer.Checkpoint()
	if err != nil {
		return Target{}, err
	}
	t.CompileSeconds = trained.CompileSeconds
	return t, nil
}

// trainer returns a trainer of the lab's model and optimiser.
func (s TargetSettings) trainer(dev *engine.Device, data *dataset.Dataset) (*train.Trainer, error) {
	images := data.Train
	model, err := nn.NewLab(s.Variant, nn.Shape{images.Height, images.Width, images.Channels}, nn.LabOptions{Classes: len(data.Classes)})
	if err != nil {
		return nil, err
	}
	return train.New(dev, model, data, labRule, train.Options{Batch: s.Batch, Seed: s.Seed, Tilings: s.Tilings})
}

// String returns the result as a line.
func (t Target) String() string {
	line := fmt.Sprintf("%s  %.1f%% after epoch %d: training %s, compiling %s, together %s", t.Variant, t.Reached, t.Epoch,
		Duration(t.Seconds), Duration(t.CompileSeconds), Duration(t.Seconds+t.CompileSeconds))
	if t.Joules > 0 {
		line += ", energy of the training " + jouleText(t.Joules)
	}
	return line
}

// check returns an error for a result that no training has.
func (t Target) check() error {
	if !printable(t.Variant, t.Data, t.DataSHA256, t.Meter, t.NoMeter) || !(t.Joules >= 0 && t.Joules <= mostJoules) || t.Epoch < 1 || !(t.Reached >= t.Accuracy && t.Reached <= 100) ||
		!(t.Seconds >= 0 && t.Seconds <= longestTime && t.CompileSeconds >= 0 && t.CompileSeconds <= longestTime) {
		return errors.New("bench: a target that cannot be printed, or that no training reaches")
	}
	return nil
}
