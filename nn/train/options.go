package train

import (
	"time"

	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/stats"
)

// Options are the settings of a training besides its optimiser.
type Options struct {
	Batch   int          // rows of a step; the last of an epoch may have fewer
	Seed    uint64       // of the initial weights and of the order of rows
	State   nn.StateDict // initial weights instead of drawn ones, nil for those
	Augment nn.Augment   // what happens to the images of the training steps
	Loss    layout.Loss  // what training steps minimise; the zero value means plain cross-entropy
	Tilings nn.Tilings   // of the kernels; the zero value means nn.TilingFor the adapter

	// Resume goes on from a checkpoint, in place of Seed and State. With the data, optimiser
	// and Options of the training that it is of, on the same adapter, driver and
	// tilings, what follows is to the last bit what that training would have come to.
	Resume *modelfile.Checkpoint

	// Order returns the rows of an epoch, counted from 0, in the order of their
	// training; nil shuffles them anew for each epoch. Several goroutines may call it at the
	// same time.
	Order func(epoch int) []uint32

	// ClipNorm is the most norm of all gradients of a step together. Greater gradients are scaled down to it, as
	// torch.nn.utils.clip_grad_norm_ does. 0 means any norm.
	ClipNorm float64

	// Gradients is called in each training step, counted from 0, with the gradients of all
	// trained parameters. What it changes in them is what the optimiser gets, after ClipNorm. Each step
	// then waits for the host. An error ends the training. nil costs nothing.
	Gradients func(step int, gradients nn.StateDict) error

	// Submission is how long a submission should keep the GPU, unless one step takes longer; 0 means a quarter
	// of a second. It changes no result.
	Submission time.Duration

	// resident bounds the bytes of images that a source holds; 0 means one binding.
	resident int
}

// Observer is told how a training goes. Any function may be nil; none may use the
// Trainer.
type Observer struct {
	Step  func(stats.Step)  // called once for each training step, in order, a submission's at a time
	Epoch func(stats.Epoch) // called once for each finished epoch

	// Submission is called once for each submission with the number of its steps, those of
	// evaluation counted, and the time from its recording to its end. The next one is
	// recorded meanwhile.
	Submission func(steps int, took time.Duration)

	// Weights is called with those of the last finished epoch, once a submission that
	// finished any.
	Weights func(nn.StateDict)

	// Pause is called before each submission. The training waits for it, and does not
	// count the time.
	Pause func()

	// Checkpoint is called Every so many epochs. It is also called Within so much time of training,
	// if an epoch has ended since the last call. It may come a submission later. 0 turns off either. The
	// GPU goes on meanwhile. An error ends the training.
	Checkpoint func(*modelfile.Checkpoint) error
	Every      int
	Within     time.Duration

	// Keep is called with the training as it was after each of the epochs in KeepAfter, counted from 1. A
	// submission ends there. The GPU goes on meanwhile. An error ends the training.
	Keep      func(*modelfile.Checkpoint) error
	KeepAfter []int
}

// start returns what a training begins with.
func (o Options) start(network *nn.Network) (*modelfile.Checkpoint, error) {
	if c := o.Resume; c != nil {
		return c, network.CheckState(c.Model.State)
	}
	c := &modelfile.Checkpoint{Model: modelfile.Model{State: o.State}, Seed: o.Seed}
	if c.Model.State == nil {
		c.Model.State = network.InitState(o.Seed)
	}
	return c, network.CheckState(c.Model.State)
}
