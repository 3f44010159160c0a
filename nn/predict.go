package nn

import (
	"context"

	"wgpucnn/engine"
	"wgpucnn/nn/dataset"
)

// Predict runs a network with the given weights over images, batch rows at a
// time, and returns the logits (N, classes), row-major. Labels are not looked at.
func Predict(ctx context.Context, dev *engine.Device, model *Sequential, state StateDict, images dataset.Images, batch int) ([]float32, error) {
	if err := model.checkImages("given", images); err != nil {
		return nil, err
	}
	if err := model.CheckState(state); err != nil {
		return nil, err
	}
	batch = max(1, min(batch, images.Len()))
	tile := TilingFor(dev.Adapter())
	net := NewNetwork(model, batch, tile, true, false)
	rows := NewSource("predict", model.In, batch, batch, 1)
	moments := engine.NewBuffer("moments", 8*model.In[2])
	target := engine.NewBuffer("target", 4*batch)
	normalize := model.Modules[0].Layer.(Normalize)
	plan := append(normalize.Gather(rows, model.In, moments.All(), net.X, target.All()), net.Forward...)
	program, err := dev.Compile(plan)
	if err != nil {
		return nil, err
	}
	defer engine.Release(program.Buffers()...)
	defer program.Release()
	if err := dev.Write(moments.All(), engine.Bytes(normalize.Moments())); err != nil {
		return nil, err
	}
	if err := writeState(dev, net.Params, net.Weights, state); err != nil {
		return nil, err
	}
	size := model.In.Size()
	logits := make([]float32, 0, images.Len()*model.Classes())
	part := make([]float32, batch*model.Classes())
	pixels := make([]byte, batch*size)
	for first := 0; first < images.Len(); first += batch {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		count := min(batch, images.Len()-first)
		copy(pixels, images.Pixels[first*size:(first+count)*size])
		upload := dataset.Images{Pixels: pixels, Labels: make([]uint32, batch)}
		if err := rows.Upload(dev, upload); err != nil {
			return nil, err
		}
		if err := rows.SetOrder(dev, 0, identity(batch)); err != nil {
			return nil, err
		}
		recorder := dev.NewRecorder()
		recorder.Run(program)
		recorder.Read(net.Logits, engine.Bytes(part))
		pending, err := recorder.Submit()
		if err != nil {
			return nil, err
		}
		if err := pending.Wait(); err != nil {
			return nil, err
		}
		logits = append(logits, part[:count*model.Classes()]...)
	}
	return logits, nil
}
