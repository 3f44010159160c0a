package layout

import (
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

// imageStep is a training step up to the gradients of the parameters as one kernel, in which a workgroup
// takes an image from its bytes to the gradient of the first convolution's output. The network is two
// convolutions, each with a ReLU, and what a Head takes.
type imageStep struct {
	conv1, conv2        *nn.Node
	head                *Head
	cut                 headCut // of the part classifier
	first, second, back nn.Stage
}

// newImageStep returns the image step of the network. It returns nil if the network has another form, if
// the tiling asks for none, or if the kernel needs more than the tiling's memory.
func (l *Layout) newImageStep() *imageStep {
	if l.first == nil || l.head == nil || len(l.body()) != 2 {
		return nil
	}
	i := &imageStep{conv1: l.nodes[0], conv2: l.nodes[1], head: l.head}
	most := i.conv1.Default.GPU.ImageMemory
	if most == 0 || !i.conv1.ReLU || !i.conv2.ReLU || !i.chained(l) {
		return nil
	}
	i.cut, _ = i.head.cut()
	i.cut.workgroup = nn.ImageStepWorkgroup
	if i.head.Pool != nil {
		i.cut.pitch = i.conv2.Out[1]*i.conv2.Out[2] | 1 // neighbouring maps begin in other banks
	}
	for chunk := mostStageChannels; chunk > 0; chunk /= 2 {
		if !i.cutStages(chunk) {
			return nil
		}
		if i.storage() <= most {
			return i
		}
	}
	return nil
}

// mostStageChannels is the most channels whose weights a stage holds at a time.
const mostStageChannels = 64

// chained tells whether the head alone takes the second node's output, and the second node alone the
// first one's.
func (i *imageStep) chained(l *Layout) bool {
	y1, y2 := l.value(i.conv1), l.value(i.conv2)
	return len(y1.takers) == 1 && y1.takers[0].node == i.conv2 && len(y2.takers) == 1 && y2.takers[0].node == i.head.first()
}

// cutStages cuts the convolutions. It returns false if one of them has no stage.
func (i *imageStep) cutStages(chunk int) bool {
	var ok [3]bool
	i.first, ok[0] = nn.NewStage(i.conv1, "forward", chunk)
	i.second, ok[1] = nn.NewStage(i.conv2, "forward", chunk)
	i.back, ok[2] = nn.NewStage(i.conv2, "backward_input", chunk)
	return ok[0] && ok[1] && ok[2]
}

// The regions of the workgroup's memory: see image_step.wgsl.

// maps returns the vec4s of the first region.
func (i *imageStep) maps() int {
	output := i.conv2.Out.Size()
	if i.head.Pool != nil {
		output = i.conv2.Out[0] * i.cut.pitch
	}
	return max(i.second.Source(), nn.CeilDiv(output, 4), i.back.Weights(), nn.CeilDiv(i.conv1.Out.Size(), 4))
}

// memory returns the vec4s of both.
func (i *imageStep) memory() int {
	return i.maps() + max(i.first.Source()+i.first.Weights(), i.first.Shares(), i.second.Weights(), i.second.Shares(), i.back.Source(), i.back.Shares())
}

// storage returns the workgroup memory that the kernel takes, in bytes.
func (i *imageStep) storage() int { return 16*i.memory() + i.head.classifierStorage(i.cut) }

// dispatch returns the run of the kernel for a batch.
func (i *imageStep) dispatch(l *Layout, t *Tally) engine.Dispatch {
	s, maps := t.Step(true), i.maps()
	constants, bindings := l.Network.Modules[0].Layer.(nn.Normalize).ImageStepGather(s, i.conv1.In)
	for _, stage := range []shaders.Constants{
		i.first.Constants("first", maps, maps+i.first.Source(), maps, packedAt(i.conv1, 0)),
		i.second.Constants("second", 0, maps, maps, packedAt(i.conv2, 0)),
		i.back.Constants("back", maps, 0, maps, packedAt(i.conv2, 1)),
		i.head.classifier(i.cut),
		l.loss.constants(true),
		{{Name: "N", Value: l.Batch}, {Name: "MEMORY", Value: i.memory()}},
	} {
		constants = append(constants, stage...)
	}
	inputs := len(bindings)
	bindings = append(bindings, engine.Binding{Name: "packed", View: l.Packed.All()}, i.head.params(),
		engine.Binding{Name: "losses", View: t.Losses}, engine.Binding{Name: "features", View: i.head.Linear.X[0]}, engine.Binding{Name: "dlogits", View: i.head.Linear.DY},
		engine.Binding{Name: "x", View: i.conv1.X[0]}, engine.Binding{Name: "y1", View: i.conv1.Y}, engine.Binding{Name: "dy1", View: i.conv1.DY}, engine.Binding{Name: "dy2", View: i.conv2.DY})
	multiplyAdds := i.conv1.Layer.MultiplyAdds(i.conv1.In) + 2*i.conv2.Layer.MultiplyAdds(i.conv2.In) + 2*i.head.Linear.Layer.MultiplyAdds(i.head.Linear.In)
	d := nn.Dispatch("image_step", "forward_backward", constants, [3]int{l.Batch, 1, 1}, l.Batch*multiplyAdds, bindings...)
	d.Bytes = l.Batch * i.conv1.In.Size() // it reads a batch of the images, not all
	for _, b := range bindings[inputs:] {
		d.Bytes += b.View.Size
	}
	return d
}

// packedAt returns where a copy of a node's parameters begins, in vec4s.
func packedAt(n *nn.Node, i int) int { return n.Packed[i].Offset / 16 }
