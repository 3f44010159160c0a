package nn

import (
	"context"
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
)

// Predict runs a network with the given weights over images, batch rows at a
// time, and returns the logits (N, classes), row-major. Labels are not looked at.
func Predict(ctx context.Context, dev *engine.Device, model *Sequential, state StateDict, images dataset.Images, batch int) ([]float32, error) {
	if err := model.checkImages("given", images); err != nil {
		return nil, err
	}
	p, err := NewPredictor(dev, model, state, max(1, min(batch, images.Len())))
	if err != nil {
		return nil, err
	}
	defer p.Release()
	return p.Predict(ctx, images)
}

// Predictor is a network with its weights on a device, ready for one call after another.
type Predictor struct {
	dev     *engine.Device
	model   *Sequential
	net     *Network
	rows    *Source
	program *engine.Program
	labels  []uint32 // that nobody looks at
}

// NewPredictor brings weights to the GPU and compiles the kernels for batches of so many
// rows, 1 or more.
func NewPredictor(dev *engine.Device, model *Sequential, state StateDict, batch int) (*Predictor, error) {
	if err := model.CheckState(state); err != nil {
		return nil, err
	}
	if batch < 1 {
		return nil, fmt.Errorf("nn: batch of %d: want 1 or more", batch)
	}
	p := &Predictor{
		dev: dev, model: model, net: NewNetwork(model, batch, TilingFor(dev.Adapter()), true, false),
		rows: NewSource("predict", model.In, batch, batch, 1), labels: make([]uint32, batch),
	}
	moments := engine.NewBuffer("moments", 8*model.In[2])
	target := engine.NewBuffer("target", 4*batch)
	normalize := model.Modules[0].Layer.(Normalize)
	plan := append(normalize.Gather(p.rows, model.In, moments.All(), p.net.X, target.All()), p.net.Forward...)
	var err error
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

// Predict returns the logits (N, classes) of images, row-major: a submission for each
// batch of them, the last of which may lack rows.
func (p *Predictor) Predict(ctx context.Context, images dataset.Images) ([]float32, error) {
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

// Release frees what the predictor holds on the GPU.
func (p *Predictor) Release() {
	engine.Release(p.program.Buffers()...)
	p.program.Release()
}
