// Package predict runs networks with their weights on images, one batch at a time. While the GPU
// works on a batch, the host stages the next one.
package predict

import (
	"context"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/layout"
	"wgpucnn/nn/modelfile"
)

// Options are the settings of a prediction.
type Options struct {
	Batch   int        // rows at a time, 1 or more
	Tilings nn.Tilings // of the kernels; the zero value means nn.TilingFor the adapter
	Mirror  bool       // the logits of an image are the mean of its own and of its mirror image's
}

// Model runs a model over images on a device and returns its prediction for each.
// It does not look at their labels.
func Model(ctx context.Context, dev *engine.Device, m *modelfile.Model, images dataset.Images) ([]Prediction, error) {
	logits, err := Logits(ctx, dev, m.Network, m.State, images, Options{Batch: 128})
	if err != nil {
		return nil, err
	}
	return Predictions(logits, m.Classes()), nil
}

// Logits runs a network with the given weights over images, a batch of rows at a
// time, and returns the logits (N, classes), row-major. It does not look at labels.
func Logits(ctx context.Context, dev *engine.Device, network *nn.Network, state nn.StateDict, images dataset.Images, o Options) ([]float32, error) {
	if err := network.CheckImages("given", images); err != nil {
		return nil, err
	}
	o.Batch = max(1, min(o.Batch, images.Len()))
	p, err := New(dev, network, state, o)
	if err != nil {
		return nil, err
	}
	defer p.Release()
	return p.Logits(ctx, images)
}

// Predictor is a network with its weights on a device, ready for one call after another. It runs the folded
// network: see nn.Fold.
type Predictor struct {
	dev      *engine.Device
	network  *nn.Network // before it was folded
	layout   *layout.Layout
	source   *nn.Source
	program  *engine.Program
	most     int  // images at a time
	mirror   bool // the images' mirror images are in the same batch, behind them
	released bool
}

// New brings weights to the GPU and compiles the kernels for batches of
// o.Batch rows.
func New(dev *engine.Device, network *nn.Network, state nn.StateDict, o Options) (*Predictor, error) {
	if err := network.CheckState(state); err != nil {
		return nil, err
	}
	if o.Batch < 1 {
		return nil, fmt.Errorf("predict: batch of %d: want 1 or more", o.Batch)
	}
	tilings, err := o.Tilings.Or(dev.Adapter())
	if err != nil {
		return nil, err
	}
	batch := o.Batch
	if o.Mirror {
		batch *= 2
	}
	folded, weights := nn.Fold(network, state)
	p := &Predictor{
		dev: dev, network: network, layout: layout.New(folded, batch, tilings, true, false),
		source: nn.NewSource("predict", network.In, batch, batch, 1, 0), most: o.Batch, mirror: o.Mirror,
	}
	p.layout.Begin(weights)
	rows := make([]uint32, batch)
	for i := range rows {
		rows[i] = uint32(i)
	}
	p.source.Begin(dataset.Images{}, 0, 0, rows)
	plan := append(p.layout.Gather(nn.Step{Source: p.source}), p.layout.Predict(p.source)...)
	if p.program, err = dev.Compile(plan); err != nil {
		return nil, err
	}
	return p, nil
}

// SetState gives the network other weights.
func (p *Predictor) SetState(state nn.StateDict) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := p.network.CheckState(state); err != nil {
		return err
	}
	_, weights := nn.Fold(p.network, state)
	p.layout.Begin(weights)
	return p.dev.Reset(p.layout.BegunBuffers()...)
}

func (p *Predictor) check() error {
	if p.released {
		return fmt.Errorf("predict: the predictor %w: make another", engine.ErrReleased)
	}
	return nil
}

// Logits returns the logits (N, classes) of images, row-major.
func (p *Predictor) Logits(ctx context.Context, images dataset.Images) ([]float32, error) {
	logits := make([]float32, 0, images.Len()*p.network.Classes())
	for some, err := range p.Batches(ctx, images) {
		if err != nil {
			return nil, err
		}
		logits = append(logits, some...)
	}
	return logits, nil
}

// Release frees what the predictor holds on the GPU, before or after its device.
func (p *Predictor) Release() {
	p.released = true
	engine.Release(p.program.Buffers()...)
	p.program.Release()
}
