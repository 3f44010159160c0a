package verify

import (
	"fmt"
	"math"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
)

// softName returns the end of the name of a case whose training step has that loss.
func softName(loss layout.Loss) string {
	name := ""
	if loss.LabelSmoothing > 0 {
		name += fmt.Sprintf(", label smoothing %v", loss.LabelSmoothing)
	}
	if loss.ClassWeights != nil {
		name += fmt.Sprintf(", class weights %v", loss.ClassWeights)
	}
	if loss.Mixup > 0 {
		name += ", mixed"
	}
	return name
}

// ownName adds the share of each row itself.
func ownName(loss layout.Loss, own float64) string {
	if loss.Mixup == 0 {
		return ""
	}
	return fmt.Sprintf(" with %v of each row", own)
}

// loss draws a loss other than plain cross-entropy, and a share of each row itself. The values are exact in
// float32.
func drawLoss(r *shadertest.Draw, classes int) (loss layout.Loss, own float64) {
	own = 1
	which := r.Between(1, 7)
	if which&1 > 0 {
		loss.LabelSmoothing = float64(r.Between(1, 7)) / 8
	}
	if which&2 > 0 {
		for range classes {
			loss.ClassWeights = append(loss.ClassWeights, float64(r.Between(1, 8))/4)
		}
	}
	if which&4 > 0 {
		loss.Mixup, own = 1, float64(r.Between(0, 16))/16
	}
	return loss, own
}

// softTargets returns the targets of a step of so many rows for the twin. own counts with mixup alone.
func softTargets(loss layout.Loss, labels []uint32, rows int, own float64) ref.SoftTargets {
	if loss.Mixup == 0 {
		own = 1
	}
	return ref.SoftTargets{Labels: labels, Own: own, Smoothing: loss.LabelSmoothing, Weights: loss.ClassWeights, Scale: loss.Scale(labels[:rows])}
}

// terms gives a source what the loss of its steps needs, drawn at random, and returns what a step needs:
// the share of each row itself, and the scale.
func drawTerms(r *shadertest.Rig, s *nn.Source, loss layout.Loss, step int) (own, scale float64) {
	if !loss.HasTerms() {
		return 1, 1
	}
	s.HoldTerms(loss.Mixup > 0)
	buffer := s.Terms.Buffer
	contents := r.Contents(buffer)
	contents = append(contents, slices.Repeat([]uint32{shadertest.Poison}, buffer.Size()/4-len(contents))...)
	terms := contents[s.Terms.Offset/4:]
	for i := 0; i < len(terms); i += 2 {
		own, scale := float32(1), float32(1+r.Rand.IntN(8))/4
		if s.Mixed {
			own = float32(r.Rand.IntN(17)) / 16
		}
		copy(terms[i:], shadertest.Bits([]float32{own, scale}))
	}
	r.Fill(buffer, contents)
	i := 2 * (step % (s.Orders * s.Steps))
	return float64(math.Float32frombits(terms[i])), float64(math.Float32frombits(terms[i+1]))
}

// targets declares the targets of a step for the kernels.
func declareTargets(r *shadertest.Rig, loss layout.Loss, classes int, t ref.SoftTargets) engine.View {
	declared := loss.Targets(len(t.Labels), classes)
	contents := make([]uint32, declared.Size()/4)
	copy(contents, words(declared.Contents))
	copy(contents, t.Labels)
	if loss.HasTerms() {
		copy(contents[len(t.Labels):], shadertest.Bits([]float32{float32(t.Own), float32(t.Scale)}))
	}
	return r.Ints("targets", contents)
}

// mixedCases are gatherings whose steps have terms, and batches that are mixed with themselves.
func mixedCases() []shadertest.Case {
	mixed, weighted := layout.Loss{Mixup: 1}, layout.Loss{ClassWeights: []float64{2}}
	all := nn.Augment{Flip: nn.FlipRandom, Shift: 1, Cutout: 2}
	cases := []normalizeCase{
		{label: "lab", in: nn.Shape{32, 32, 3}, count: 220, batch: 128, orders: 2, step: 2, loss: mixed},
		{label: "last batch", in: nn.Shape{32, 32, 3}, count: 220, batch: 128, orders: 2, step: 3, loss: mixed},
		{label: "last batch of one", in: nn.Shape{5, 7, 3}, count: 9, batch: 4, orders: 2, step: 2, loss: mixed},
		{label: "third epoch in the first one's place", in: nn.Shape{5, 7, 3}, count: 9, batch: 4, orders: 2, step: 7, loss: mixed},
		{label: "not mixed", in: nn.Shape{5, 7, 3}, count: 9, batch: 4, orders: 2, step: 4, loss: weighted},
		{label: "one value", in: nn.Shape{1, 1, 1}, count: 1, batch: 1, orders: 1, loss: mixed},
	}
	return slices.Concat(shadertest.Cases(cases), shadertest.Generate(31, 60, func(r *shadertest.Draw) shadertest.Case {
		c := normalizeCase{
			in: nn.Shape{r.Between(2, 9), r.Between(2, 9), r.Between(1, 3)}, count: r.Between(1, 20), orders: r.Pick(1, 2, 4), step: r.Between(0, 50),
			ring: r.IntN(2) == 0, loss: []layout.Loss{mixed, mixed, weighted}[r.IntN(3)], augment: []nn.Augment{{}, all}[r.IntN(2)],
		}
		c.batch = r.Between(1, c.count)
		return c
	}))
}
