package nn

import (
	"context"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
)

// PredictOptions are the settings of a prediction.
type PredictOptions struct {
	Batch  int    // rows at a time, 1 or more
	Tiling Tiling // of the kernels; the zero value means TilingFor the adapter
}

// Logits runs a network with the given weights over images, a batch of rows at a
// time, and returns the logits (N, classes), row-major. Labels are not looked at.
func Logits(ctx context.Context, dev *engine.Device, model *Sequential, state StateDict, images dataset.Images, o PredictOptions) ([]float32, error) {
	if err := model.checkImages("given", images); err != nil {
		return nil, err
	}
	o.Batch = max(1, min(o.Batch, images.Len()))
	p, err := NewPredictor(dev, model, state, o)
	if err != nil {
		return nil, err
	}
	defer p.Release()
	return p.Logits(ctx, images)
}

// Predictor is a network with its weights on a device, ready for one call after another.
type Predictor struct {
	dev      *engine.Device
	model    *Sequential
	net      *Network
	rows     *Source
	program  *engine.Program
	labels   []uint32 // that nobody looks at
	released bool
}

// NewPredictor brings weights to the GPU and compiles the kernels for batches of
// o.Batch rows.
func NewPredictor(dev *engine.Device, model *Sequential, state StateDict, o PredictOptions) (*Predictor, error) {
	if err := model.CheckState(state); err != nil {
		return nil, err
	}
	batch := o.Batch
	if batch < 1 {
		return nil, fmt.Errorf("nn: batch of %d: want 1 or more", batch)
	}
	tiling, err := o.Tiling.or(dev.Adapter())
	if err != nil {
		return nil, err
	}
	p := &Predictor{
		dev: dev, model: model, net: NewNetwork(model, batch, tiling, true, false),
		rows: NewSource("predict", model.In, batch, batch, 1), labels: make([]uint32, batch),
	}
	moments := engine.NewBuffer("moments", 8*model.In[2])
	target := engine.NewBuffer("target", 4*batch)
	normalize := model.Modules[0].Layer.(Normalize)
	plan := append(normalize.Gather(p.rows, model.In, moments.All(), p.net.X, target.All()), p.net.Forward...)
	if p.program, err = dev.Compile(plan); err != nil {
		engine.Release(plan.Buffers()...)
		return nil, err
	}
	if err = dev.Write(moments.All(), engine.Bytes(normalize.Moments())); err == nil {
		err = writeState(dev, p.net.Params, p.net.Weights, state)
	}
	if err == nil {
		err = p.rows.SetOrder(dev, 0, identity(batch))
	}
	if err != nil {
		p.Release()
		return nil, err
	}
	return p, nil
}

// Logits returns the logits (N, classes) of images, row-major: a submission for each
// batch of them, the last of which may lack rows.
func (p *Predictor) Logits(ctx context.Context, images dataset.Images) ([]float32, error) {
	if p.released {
		return nil, fmt.Errorf("nn: the predictor %w: make another", engine.ErrReleased)
	}
	if err := p.model.checkImages("given", images); err != nil {
		return nil, err
	}
	size, batch, classes := p.model.In.Size(), p.net.Batch, p.model.Classes()
	logits := make([]float32, 0, images.Len()*classes)
	part := make([]float32, batch*classes)
	pixels := make([]byte, batch*size)
	for first := 0; first < images.Len(); first += batch {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		count := min(batch, images.Len()-first)
		copy(pixels, images.Pixels[first*size:(first+count)*size])
		if err := p.rows.Upload(p.dev, dataset.Images{Pixels: pixels, Labels: p.labels}); err != nil {
			return nil, err
		}
		recorder := p.dev.NewRecorder()
		recorder.Run(p.program)
		recorder.Read(p.net.Logits, engine.Bytes(part))
		pending, err := recorder.Submit()
		if err != nil {
			return nil, err
		}
		if err := pending.Wait(); err != nil {
			return nil, err
		}
		logits = append(logits, part[:count*classes]...)
	}
	return logits, nil
}

// Release frees what the predictor holds on the GPU, before or after its device.
func (p *Predictor) Release() {
	p.released = true
	engine.Release(p.program.Buffers()...)
	p.program.Release()
}
