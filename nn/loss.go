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

// CrossEntropy returns the dispatch that compares a batch's logits with its
// targets, stores loss and correct rows in the metrics' slot of the step, and
// counts the step. With a dlogits that has a buffer it computes the gradient too.
// Shapes: logits and dlogits (s.Batch, classes), targets (s.Batch), metrics
// (slots, 2).
//
//	loss = mean over rows of log(sum over j of exp(logits[j])) - logits[target]
//
// Matches torch.nn.CrossEntropyLoss.
func CrossEntropy(s *Source, logits, targets, metrics, dlogits engine.View) engine.Plan {
	classes := logits.Size / 4 / s.Batch
	constants := shaders.Constants{
		{Name: "N", Value: s.Batch}, {Name: "CLASSES", Value: classes},
		{Name: "COUNT", Value: s.Count}, {Name: "STEPS", Value: s.Steps}, {Name: "RING", Value: metrics.Size / metricsSize},
		{Name: "WORKGROUP", Value: crossEntropyWorkgroup},
	}
	bindings := []engine.Binding{
		{Name: "logits", View: logits}, {Name: "targets", View: targets},
		{Name: "counter", View: s.Counter.All()}, {Name: "metrics", View: metrics},
	}
	entry := "forward"
	// Each of an invocation's rows is gone over up to five times.
	loops := ceilDiv(s.Batch, crossEntropyWorkgroup) * (2 + 5*classes)
	if dlogits.Buffer != nil {
		entry = "forward_backward"
		bindings = append(bindings, engine.Binding{Name: "dlogits", View: dlogits})
	}
	return engine.Plan{dispatch("cross_entropy", entry, constants, [3]int{1, 1, 1}, cost{loops: loops}, bindings...)}
}
