package layout

import (
	"wgpucnn/engine"
	"wgpucnn/nn"
)

// Begin sets the first contents of the parameters, and of their packed copies.
func (l *Layout) Begin(state nn.StateDict) {
	for _, buffer := range l.StateBuffers() {
		buffer.Contents = make([]byte, buffer.Size())
	}
	for i, tensor := range state {
		w := l.Weights[i]
		copy(w.Buffer.Contents[w.Offset:w.Offset+w.Size], engine.Bytes(tensor.Data))
	}
	l.beginPacked(state)
}

// StateBuffers returns the buffers that hold parameters.
func (l *Layout) StateBuffers() []*engine.Buffer {
	if l.Fixed == nil {
		return []*engine.Buffer{l.Params}
	}
	return []*engine.Buffer{l.Params, l.Fixed}
}

// BegunBuffers returns the buffers that Begin sets.
func (l *Layout) BegunBuffers() []*engine.Buffer {
	buffers := l.StateBuffers()
	if l.Packed != nil {
		buffers = append(buffers, l.Packed)
	}
	return buffers
}

// State returns the parameters out of the values of Params and of Fixed.
func (l *Layout) State(params, fixed []float32) nn.StateDict {
	var state nn.StateDict
	for i, p := range l.Network.Params() {
		values := params
		if p.Untrained {
			values = fixed
		}
		state = append(state, tensor(p, l.Weights[i], values))
	}
	return state
}

// Slot returns a slot of an optimiser's state out of its values.
func (l *Layout) Slot(values []float32) nn.StateDict {
	var state nn.StateDict
	for i, p := range l.Network.Params() {
		if !p.Untrained {
			state = append(state, tensor(p, l.Weights[i], values))
		}
	}
	return state
}

// tensor returns the values of a parameter where its view lies.
func tensor(p nn.Param, view engine.View, values []float32) nn.Tensor {
	first, size := view.Offset/4, p.Shape.Size()
	return nn.Tensor{Name: p.Name, Shape: p.Shape, Data: values[first : first+size : first+size]}
}

// Begin sets the first contents of an update whose next step is the first of an epoch, counted
// from 0: its rates, and the slots of the state by name. A slot that is not there is 0.
func (u *Update) Begin(epoch int, slots map[string]nn.StateDict) {
	view, rates := u.EpochRates(epoch)
	u.Rates.Contents = make([]byte, view.Offset+view.Size)
	copy(u.Rates.Contents[view.Offset:], engine.Bytes(rates))
	if u.State == nil {
		return
	}
	u.State.Contents = make([]byte, u.State.Size())
	for i, name := range u.rule.Slots() {
		state := slots[name]
		for k, p := range u.layout.Network.Params() {
			if p.Untrained || len(state) == 0 {
				continue
			}
			first := u.Slot(i).Offset + u.layout.Weights[k].Offset
			copy(u.State.Contents[first:], engine.Bytes(state[0].Data))
			state = state[1:]
		}
	}
}

// Slots returns the optimiser's state by name out of the values of State.
func (u *Update) Slots(values []float32) map[string]nn.StateDict {
	slots := map[string]nn.StateDict{}
	for i, name := range u.rule.Slots() {
		slot := u.Slot(i)
		slots[name] = u.layout.Slot(values[slot.Offset/4 : (slot.Offset+slot.Size)/4])
	}
	return slots
}
