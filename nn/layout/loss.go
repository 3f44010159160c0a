package layout

import (
	"fmt"
	"math"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/shaders"
)

// Loss says what the steps of a training minimise: the cross-entropy of each row's logits with a target
// that has a share of each class. Evaluations compute plain cross-entropy, which is the zero value.
//
//	mixture = own * onehot(label) + (1 - own) * onehot(partner's label)
//	share[j] = ClassWeights[j] * ((1 - LabelSmoothing) * mixture[j] + LabelSmoothing / classes)
//	loss = sum over j of share[j] * -log(softmax(logits)[j])
//
// Without Mixup own is 1, and the loss of a step is the sum over its rows, divided by the sum of the weights
// of their labels. It matches torch.nn.CrossEntropyLoss(weight, label_smoothing=...) with labels as its
// targets. With Mixup the loss of a step is the mean over its rows. It matches the same class with
// probabilities as its targets.
type Loss struct {
	LabelSmoothing float64   // 0 to below 1
	ClassWeights   []float64 // one for each class; nil if each is 1
	Mixup          float64   // each batch is mixed with itself by a share from Beta(Mixup, Mixup); 0 for no mixing
}

// Check returns an error unless the loss is one of a network with so many classes.
func (l Loss) Check(classes int) error {
	switch {
	case !(l.LabelSmoothing >= 0 && l.LabelSmoothing < 1):
		return fmt.Errorf("layout: label smoothing %v: want 0 or more, below 1", l.LabelSmoothing)
	case l.ClassWeights != nil && len(l.ClassWeights) != classes:
		return fmt.Errorf("layout: %d class weights: want one for each of %d classes", len(l.ClassWeights), classes)
	case !(l.Mixup >= 0 && l.Mixup <= 1e3):
		return fmt.Errorf("layout: mixup %v: want 0 or more, at most 1000", l.Mixup)
	}
	for i, w := range l.ClassWeights {
		if !(w >= 1e-6 && w <= 1e6) {
			return fmt.Errorf("layout: the weight of class %d is %v: want 1e-6 to 1e6", i, w)
		}
	}
	return nil
}

// HasTerms tells whether the kernels need more than the labels of a step's rows: own, and the Scale.
func (l Loss) HasTerms() bool { return l.ClassWeights != nil || l.Mixup > 0 }

// Scale returns the number of rows of a step, divided by what the sum of their losses is divided by.
func (l Loss) Scale(labels []uint32) float64 {
	if l.Mixup > 0 || l.ClassWeights == nil {
		return 1
	}
	sum := 0.0
	for _, label := range labels {
		sum += l.ClassWeights[label]
	}
	return float64(len(labels)) / sum
}

// weights returns the mean of the classes' weights, and the weights.
func (l Loss) weights(classes int) []float32 {
	weights := l.ClassWeights
	if weights == nil {
		weights = slices.Repeat([]float64{1}, classes)
	}
	sum, narrow := 0.0, []float32{0}
	for _, w := range weights {
		sum, narrow = sum+w, append(narrow, float32(w))
	}
	narrow[0] = float32(sum / float64(classes))
	return narrow
}

// Targets declares the buffer of the targets of a batch: the labels, and behind them the terms of a step and
// the weights if the loss has terms.
func (l Loss) Targets(batch, classes int) *engine.Buffer {
	if !l.HasTerms() {
		return engine.NewBuffer("targets", 4*batch)
	}
	contents := make([]uint32, batch+2, batch+3+classes)
	for _, w := range l.weights(classes) {
		contents = append(contents, math.Float32bits(w))
	}
	targets := engine.NewBuffer("targets", 4*len(contents))
	targets.Contents = engine.Bytes(contents)
	return targets
}

// constants returns the constants of the parts softmax and soft_targets.
func (l Loss) constants(training bool) shaders.Constants {
	if !training || l.LabelSmoothing == 0 && !l.HasTerms() {
		return shaders.Constants{{Name: "SOFT", Value: false}}
	}
	return shaders.Constants{{Name: "SOFT", Value: true}, {Name: "TERMS", Value: l.HasTerms()}, {Name: "SMOOTHING", Value: float32(l.LabelSmoothing)}}
}

// CrossEntropy returns the dispatch that compares a batch's logits with its targets and
// leaves the figures of each row in the tally's Losses. With a dlogits that has a buffer it
// is that of a training step: it computes the Loss, and the gradient of its mean. Otherwise it computes plain
// cross-entropy, which matches torch.nn.CrossEntropyLoss. Layout.Count takes the mean. Shapes: logits and
// dlogits (batch, classes), targets as Loss.Targets has them.
func (l Loss) CrossEntropy(t *Tally, logits, targets, dlogits engine.View) engine.Plan {
	s := t.Step(dlogits.Buffer != nil)
	classes := logits.Size / 4 / t.Source.Batch
	workgroup, workgroups := nn.Elements(t.Source.Batch)
	constants := slices.Concat(s.Constants(), shaders.Constants{{Name: "CLASSES", Value: classes}, {Name: "WORKGROUP", Value: workgroup}}, l.constants(s.Training))
	bindings := []engine.Binding{{Name: "logits", View: logits}, {Name: "targets", View: targets}, s.Counter(), {Name: "losses", View: t.Losses}}
	entry := "forward"
	if s.Training {
		entry = "forward_backward"
		bindings = append(bindings, engine.Binding{Name: "dlogits", View: dlogits})
	}
	return engine.Plan{nn.Dispatch("cross_entropy", entry, constants, workgroups, 0, bindings...)}
}
