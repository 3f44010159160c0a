package verify

import (
	"fmt"

	"wgpucnn/engine"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
)

// softName returns the end of the name of a case whose training step has a loss and, with mixup, a share of
// each row itself.
func softName(loss layout.Loss, own float64) string {
	name := ""
	if loss.LabelSmoothing > 0 {
		name += fmt.Sprintf(", label smoothing %v", loss.LabelSmoothing)
	}
	if loss.ClassWeights != nil {
		name += fmt.Sprintf(", class weights %v", loss.ClassWeights)
	}
	if loss.Mixup > 0 {
		name += fmt.Sprintf(", mixed with %v of each row", own)
	}
	return name
}

// loss draws a loss other than plain cross-entropy, and a share of each row itself. The values are exact in
// float32.
func (r random) loss(classes int) (loss layout.Loss, own float64) {
	own = 1
	which := r.between(1, 7)
	if which&1 > 0 {
		loss.LabelSmoothing = float64(r.between(1, 7)) / 8
	}
	if which&2 > 0 {
		for range classes {
			loss.ClassWeights = append(loss.ClassWeights, float64(r.between(1, 8))/4)
		}
	}
	if which&4 > 0 {
		loss.Mixup, own = 1, float64(r.between(0, 16))/16
	}
	return loss, own
}

// softTargets returns the targets of a step of so many rows for the twin.
func softTargets(loss layout.Loss, labels []uint32, rows int, own float64) ref.SoftTargets {
	if loss.Mixup == 0 {
		own = 1
	}
	return ref.SoftTargets{Labels: labels, Own: own, Smoothing: loss.LabelSmoothing, Weights: loss.ClassWeights, Scale: loss.Scale(labels[:rows])}
}

// targets declares the targets of a step for the kernels.
func (r *rig) targets(loss layout.Loss, classes int, t ref.SoftTargets) engine.View {
	declared := loss.Targets(len(t.Labels), classes)
	contents := make([]uint32, declared.Size()/4)
	copy(contents, words(declared.Contents))
	copy(contents, t.Labels)
	if loss.HasTerms() {
		copy(contents[len(t.Labels):], bits([]float32{float32(t.Own), float32(t.Scale)}))
	}
	return r.ints("targets", contents)
}
