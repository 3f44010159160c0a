package layout

import (
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

// CrossEntropy returns the dispatch that compares a batch's logits with its targets and
// leaves the figures of each row in the tally's Losses. With a dlogits that has a buffer it
// computes the gradient of their mean too. Shapes: logits and dlogits (batch, classes),
// targets (batch).
//
//	loss = log(sum over j of exp(logits[j])) - logits[target]
//
// Matches torch.nn.CrossEntropyLoss, whose mean Layout.Count takes.
func CrossEntropy(t *Tally, logits, targets, dlogits engine.View) engine.Plan {
	s := t.Step(dlogits.Buffer != nil)
	classes := logits.Size / 4 / t.Source.Batch
	workgroup, workgroups := nn.Elements(t.Source.Batch)
	constants := append(s.Constants(), shaders.Constants{{Name: "CLASSES", Value: classes}, {Name: "WORKGROUP", Value: workgroup}}...)
	bindings := []engine.Binding{{Name: "logits", View: logits}, {Name: "targets", View: targets}, s.Counter(), {Name: "losses", View: t.Losses}}
	entry := "forward"
	if s.Training {
		entry = "forward_backward"
		bindings = append(bindings, engine.Binding{Name: "dlogits", View: dlogits})
	}
	return engine.Plan{nn.Dispatch("cross_entropy", entry, constants, workgroups, 0, bindings...)}
}
