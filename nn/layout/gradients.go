package layout

import (
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// layOutGradients gives the nodes the buffers of their gradients, from the last node back to
// the first ones that have trained parameters. A head computes its own; it leaves the
// gradient of the logits and the features, which its parameters' gradients are made of.
func (l *Layout) layOutGradients() {
	l.DLogits = l.maps("dlogits", nn.Shape{l.Network.Classes()})
	for _, n := range l.nodes {
		n.DX = make([]engine.View, len(n.X))
	}
	for _, n := range slices.Backward(l.body()) {
		if y := l.value(n); y.learns {
			l.layOutGradient(n, y)
		}
	}
	if h := l.head; h != nil {
		h.DX = h.first().DX[0]
		h.first().DX[0] = engine.View{}
		h.Linear.DY = l.DLogits
		if h.Pool == nil {
			h.Linear.X[0] = l.maps("features", h.Linear.In)
		}
	}
	for _, n := range l.nodes {
		l.layOutParts(n)
	}
}

// value returns the value that a node computes.
func (l *Layout) value(n *nn.Node) *value { return l.values[n.Name] }

// layOutGradient gives a node its DY. If one node takes the output, its DX is that. If
// several do, each has a DX of its own, and DY is their sum in the order of the modules. No node
// takes the network's output, as every module leads there.
func (l *Layout) layOutGradient(n *nn.Node, y *value) {
	if y.network {
		n.DY = l.DLogits
		return
	}
	var terms []engine.View
	for _, t := range y.takers {
		if t.node.Fusions().Pass {
			terms = append(terms, t.node.DY)
			continue
		}
		name := "d" + n.Name
		if len(y.takers) > 1 {
			name += "." + t.node.Name
		}
		t.node.DX[t.input] = l.maps(name, n.Out)
		terms = append(terms, t.node.DX[t.input])
	}
	n.DY = terms[0]
	if len(terms) > 1 {
		n.DY = l.maps("d"+n.Name, n.Out)
		l.sums[n] = terms
	}
}

// layOutParts gives a node the places of its parameters' gradients.
func (l *Layout) layOutParts(n *nn.Node) {
	s, ok := n.Layer.(nn.Splitter)
	if !ok {
		return
	}
	splits := s.Splits(n)
	for i, p := range n.Layer.Params() {
		grad := nn.Grad{}
		if !p.Untrained {
			grad = nn.Grad{View: l.Parts.Reserve(splits * n.Weights[i].Size), Splits: splits}
			l.Grads = append(l.Grads, grad)
		}
		n.Grads = append(n.Grads, grad)
	}
}

// Gather returns the dispatch that begins a step: it takes the batch out of the source. It leaves
// X, or the output of the first node if that gathers its own input. It returns nothing for a training
// step if the first dispatch of Gradients is an image step, which gathers its own input.
func (l *Layout) Gather(s nn.Step) engine.Plan {
	normalize := l.Network.Modules[0].Layer.(nn.Normalize)
	if s.Training && l.image != nil {
		return nil
	}
	if n := l.first; n != nil {
		return engine.Plan{n.Layer.(nn.Conv2d).Gather(n, s, normalize, l.Targets)}
	}
	return normalize.Gather(s, l.Network.In, l.X, l.Targets)
}

// Gradients returns the dispatches of a training step behind Gather, to the parts of the parameters'
// gradients. They leave the figures of the rows in the tally's Losses.
func (l *Layout) Gradients(t *Tally) engine.Plan {
	s := t.Step(true)
	if l.image != nil {
		return append(engine.Plan{l.image.dispatch(l, t)}, l.backward(s)...)
	}
	plan := l.forward(s)
	if l.head != nil {
		plan = append(plan, l.head.ForwardBackward(t, l.Targets)...)
	} else {
		plan = append(plan, l.loss.CrossEntropy(t, l.Logits, l.Targets, l.DLogits)...)
	}
	return append(plan, l.backward(s)...)
}

// Evaluate returns the dispatches of a step behind Gather that leave the figures of the rows in
// the tally's Losses.
func (l *Layout) Evaluate(t *Tally) engine.Plan {
	plan := l.forward(t.Step(false))
	if l.head != nil {
		return append(plan, l.head.Forward(t, l.Targets)...)
	}
	return append(plan, l.loss.CrossEntropy(t, l.Logits, l.Targets, engine.View{})...)
}

// Predict returns the dispatches of a step behind Gather, to the logits. They are those of
// Evaluate, up to the loss.
func (l *Layout) Predict(s *nn.Source) engine.Plan {
	plan := l.forward(nn.Step{Source: s})
	if l.head != nil {
		return append(plan, l.head.Predict(l.Logits)...)
	}
	return plan
}

// forward returns the dispatches of the nodes before the head, without the one that Gather runs.
func (l *Layout) forward(s nn.Step) engine.Plan {
	var plan engine.Plan
	for _, n := range l.body() {
		if n != l.first {
			plan = append(plan, n.Layer.(nn.Operation).Forward(n, s)...)
		}
	}
	return plan
}
