package nn

import (
	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// metricsSize is the size in bytes of a step's metrics: loss and correct rows.
const metricsSize = 8

// crossEntropyWorkgroup is the size of cross_entropy's one workgroup, a row of
// the batch each at a time.
const crossEntropyWorkgroup = 64

// crossEntropy returns the dispatch that compares a batch's logits with its
// targets, stores loss and correct rows in the metrics' slot of the step, and
// counts the step. With dlogits it computes the gradient too.
//
//	loss = mean over rows of log(sum over j of exp(logits[j])) - logits[target]
//
// Matches torch.nn.CrossEntropyLoss.
func crossEntropy(net *network, s *source, target, metrics engine.View, dlogits engine.View) engine.Plan {
	constants := shaders.Constants{
		{Name: "N", Value: s.batch}, {Name: "CLASSES", Value: net.model.Classes()},
		{Name: "COUNT", Value: s.count}, {Name: "STEPS", Value: s.steps}, {Name: "RING", Value: metrics.Size / metricsSize},
		{Name: "WORKGROUP", Value: crossEntropyWorkgroup},
	}
	bindings := []engine.Binding{
		{Name: "logits", View: net.logits}, {Name: "targets", View: target},
		{Name: "counter", View: s.counter.All()}, {Name: "metrics", View: metrics},
	}
	entry := "forward"
	// Each of an invocation's rows is gone over up to five times.
	loops := ceilDiv(s.batch, crossEntropyWorkgroup) * (2 + 5*net.model.Classes())
	if dlogits.Buffer != nil {
		entry = "forward_backward"
		bindings = append(bindings, engine.Binding{Name: "dlogits", View: dlogits})
	}
	return engine.Plan{dispatch("cross_entropy", entry, constants, [3]int{1, 1, 1}, loops, bindings...)}
}
