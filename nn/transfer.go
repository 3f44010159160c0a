package nn

import "wgpucnn/engine"

// writeState copies weights to the GPU: tensor i to where views[i] lies in buffer.
func writeState(dev *engine.Device, buffer *engine.Buffer, views []engine.View, state StateDict) error {
	for i, tensor := range state {
		view := engine.View{Buffer: buffer, Offset: views[i].Offset, Size: views[i].Size}
		if err := dev.Write(view, engine.Bytes(tensor.Data)); err != nil {
			return err
		}
	}
	return nil
}

// readState copies weights, or anything laid out as they are, from the GPU.
func readState(dev *engine.Device, buffer *engine.Buffer, views []engine.View, model *Sequential) (StateDict, error) {
	values := make([]float32, buffer.Size()/4)
	if err := engine.Read(dev, buffer.All(), values); err != nil {
		return nil, err
	}
	return unpackState(values, views, model), nil
}

// unpackState returns weights, or anything laid out as they are, out of the values of
// their buffer.
func unpackState(values []float32, views []engine.View, model *Sequential) StateDict {
	var state StateDict
	for i, p := range model.Params() {
		first := views[i].Offset / 4
		state = append(state, Tensor{p.Name, p.Shape, values[first : first+p.Shape.Size() : first+p.Shape.Size()]})
	}
	return state
}
