package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// CrossEntropy returns the dispatch that compares a batch's logits with its targets and
// leaves each row's figures in the tally's Losses. With a dlogits that has a buffer it
// computes the gradient of their mean too. Shapes: logits and dlogits (batch, classes),
// targets (batch).
//
//	loss = log(sum over j of exp(logits[j])) - logits[target]
//
// Matches torch.nn.CrossEntropyLoss, whose mean Tally.Count takes.
func CrossEntropy(t *Tally, logits, targets, dlogits engine.View) engine.Plan {
	classes := logits.Size / 4 / t.Source.Batch
	constants := append(t.batch(), shaders.Constants{{Name: "CLASSES", Value: classes}, {Name: "WORKGROUP", Value: elementWorkgroup}}...)
	bindings := []engine.Binding{
		{Name: "logits", View: logits}, {Name: "targets", View: targets},
		{Name: "counter", View: t.Source.Counter.All()}, {Name: "losses", View: t.Losses},
	}
	entry := "forward"
	if dlogits.Buffer != nil {
		entry = "forward_backward"
		bindings = append(bindings, engine.Binding{Name: "dlogits", View: dlogits})
	}
	return engine.Plan{dispatch("cross_entropy", entry, constants, elements(t.Source.Batch), cost{loops: 5 * classes}, bindings...)}
}
