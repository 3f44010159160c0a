package verify

import (
	"fmt"
	"math"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn/layout"
	"wgpucnn/shaders/ref"
	"wgpucnn/shaders/shadertest"
	"wgpucnn/testdata/golden"
)

// crossEntropyCase is the loss of a step's batch.
type crossEntropyCase struct {
	label        string
	classes      int
	count, batch int // rows of the set, and of a step
	step         int
	scale, shift float32 // of the logits: the shift is added to all
	last         bool    // the last class has the greatest logit, and is right in the first row
	golden       *golden.Vectors
	edge         []float32 // the logits
	labels       []uint32  // of an edge; nil for class 0
	figure       float64   // the loss of an edge
	correct      int       // the rows of an edge that are predicted right
	loss         layout.Loss
	own          float64 // with mixup: the share of each row itself
}

func (c crossEntropyCase) Name() string {
	name := fmt.Sprintf("%d classes, %d of %d, step %d", c.classes, c.batch, c.count, c.step)
	name += softName(c.loss) + ownName(c.loss, c.own)
	if c.label != "" {
		name = c.label + ": " + name
	}
	return name
}

func init() { tables["cross_entropy"] = crossEntropyCases }

// crossEntropyCases is the table of cross_entropy.wgsl.
func crossEntropyCases() []shadertest.Case {
	var lateCases []shadertest.Case
	for _, l := range longEpochs() {
		lateCases = append(lateCases, crossEntropyCase{label: l.label, classes: 4, count: l.count, batch: l.batch, step: l.step, scale: 1})
	}
	return slices.Concat(
		shadertest.Cases([]crossEntropyCase{
			{label: "lab", classes: 3, count: 1500, batch: 128, scale: 1},
			{label: "last batch", classes: 3, count: 1500, batch: 128, step: 11, scale: 1},
			{label: "next epoch's", classes: 3, count: 1500, batch: 128, step: 23, scale: 1},
			{label: "last batch of one", classes: 100, count: 129, batch: 64, step: 2, scale: 5},
			{label: "the last of more than 2^8 classes", classes: 300, count: 3, batch: 3, scale: 1, last: true},
			{label: "the last of more than 2^16 classes", classes: 70_000, count: 2, batch: 2, scale: 1, last: true},
			{label: "the last of more than 2^8 classes, smoothed", classes: 300, count: 3, batch: 3, scale: 1, last: true, loss: layout.Loss{LabelSmoothing: 0.1}},
			{label: "one row", classes: 2, count: 1, batch: 1, scale: 1},
			{label: "one class", classes: 1, count: 3, batch: 3, scale: 1},
			{label: "more rows than invocations", classes: 10, count: 65, batch: 65, step: 7, scale: 30},
			{label: "exp overflows unless the maximum is taken off", classes: 4, count: 200, batch: 200, scale: 1000},
			{label: "large logits near one another", classes: 5, count: 40, batch: 40, scale: 1, shift: 1 << 14},
			{label: "logits far below 0", classes: 5, count: 40, batch: 40, scale: 1, shift: -1 << 14},
			{label: "large logits near one another, smoothed", classes: 5, count: 40, batch: 40, scale: 1, shift: 1 << 14, loss: layout.Loss{LabelSmoothing: 0.1}},
			{label: "tie, the first wins", classes: 3, count: 1, batch: 1, edge: []float32{2, 2, 1}, figure: math.Log(2 + math.Exp(-1)), correct: 1},
			{label: "tie, a later one loses", classes: 3, count: 1, batch: 1, edge: []float32{1, 2, 2}, figure: math.Log(2+math.Exp(-1)) + 1},
			{label: "a class of no probability", classes: 3, count: 1, batch: 1, edge: []float32{0, float32(-inf), 0}, figure: math.Ln2, correct: 1},
			{label: "NaN makes the loss no number", classes: 3, count: 1, batch: 1, edge: []float32{0, float32(nan), 0}, figure: nan},
			{label: "NaN is the greatest logit", classes: 3, count: 1, batch: 1, edge: []float32{0, float32(inf), float32(nan)}, labels: []uint32{2}, figure: nan, correct: 1},
			{label: "the first NaN is the greatest logit", classes: 4, count: 1, batch: 1, edge: []float32{5, float32(nan), float32(nan), float32(inf)}, labels: []uint32{1}, figure: nan, correct: 1},
			{label: "infinity is the greatest logit", classes: 3, count: 1, batch: 1, edge: []float32{0, 5, float32(inf)}, labels: []uint32{2}, figure: nan, correct: 1},
			{label: "a label of no probability", classes: 3, count: 1, batch: 1, edge: []float32{0, float32(-inf), 0}, labels: []uint32{1}, figure: inf},
			{label: "a row of its partner's share alone", classes: 3, count: 2, batch: 2, edge: []float32{0, float32(-inf), 0, 0, 0, float32(-inf)}, labels: []uint32{1, 2},
				figure: math.Ln2, loss: layout.Loss{Mixup: 1}},
			{label: "a class of no probability and no share", classes: 3, count: 2, batch: 2, edge: []float32{0, float32(-inf), 0, 0, 0, float32(-inf)}, labels: []uint32{0, 1},
				figure: math.Ln2, correct: 1, loss: layout.Loss{Mixup: 1}, own: 1},
			{label: "a class of no probability that has a share", classes: 3, count: 1, batch: 1, edge: []float32{0, float32(-inf), 0}, figure: inf, correct: 1,
				loss: layout.Loss{LabelSmoothing: 0.5}},
			{label: "exp overflows, smoothed", classes: 4, count: 200, batch: 200, scale: 1000, loss: layout.Loss{LabelSmoothing: 0.1}},
			{label: "last batch of one, mixed", classes: 100, count: 129, batch: 64, step: 2, scale: 5, loss: layout.Loss{LabelSmoothing: 0.1, Mixup: 1}, own: 0.25},
			{label: "one class, smoothed", classes: 1, count: 3, batch: 3, scale: 1, loss: layout.Loss{LabelSmoothing: 0.5, ClassWeights: []float64{2}}},
		}),
		lateCases,
		shadertest.Generate(9, 200, func(r *shadertest.Draw) shadertest.Case {
			count := r.Pick(r.Between(1, 9), r.Between(1, 200))
			return crossEntropyCase{
				classes: r.Pick(1, 2, 3, 10, r.Between(1, 120)), count: count, batch: r.Between(1, count),
				step: r.Between(0, 40), scale: float32(r.Pick(1, 5, 30)),
			}
		}),
		shadertest.Generate(29, 200, func(r *shadertest.Draw) shadertest.Case {
			count := r.Pick(r.Between(1, 9), r.Between(1, 200))
			c := crossEntropyCase{
				classes: r.Pick(1, 2, 3, 10, r.Between(1, 120)), count: count, batch: r.Between(1, count),
				step: r.Between(0, 40), scale: float32(r.Pick(1, 5, 30)),
			}
			c.loss, c.own = drawLoss(r, c.classes)
			return c
		}),
	)
}

// draw returns the logits and the targets of a case.
func (c crossEntropyCase) draw(r *shadertest.Rig) (logits []float32, targets []uint32) {
	targets = make([]uint32, c.batch)
	switch {
	case c.golden != nil:
		for i, target := range c.golden.Ints("targets") {
			targets[i] = uint32(target)
		}
		return narrow(c.golden.Floats("logits")), targets
	case c.edge != nil:
		copy(targets, c.labels)
		return c.edge, targets
	}
	logits = r.Few(c.batch * c.classes) // equal logits are frequent
	for i := range logits {
		logits[i] = logits[i]*c.scale + c.shift
	}
	for i := range targets {
		targets[i] = uint32(r.Rand.IntN(c.classes))
		if c.last {
			logits[(i+1)*c.classes-1] = 5
		}
	}
	if c.last {
		targets[0] = uint32(c.classes - 1)
	}
	return logits, targets
}

func (c crossEntropyCase) Try(r *shadertest.Rig) {
	logits, targets := c.draw(r)
	s := declareSource(r, c.count, c.batch, c.step)
	rows := s.Rows(c.step)
	soft := softTargets(c.loss, targets, rows, c.own)
	in, target, dlogits := r.Input("logits", logits), declareTargets(r, c.loss, c.classes, soft), r.Output("dlogits", len(logits))
	trained, correct, gradient := soft.CrossEntropy(shadertest.Wide(logits), c.classes, rows)
	plain, _, _ := ref.CrossEntropy(shadertest.Wide(logits), c.classes, targets, rows)
	if c.edge != nil {
		trained, correct = c.figure, c.correct
	}
	if c.edge != nil && !c.soft() {
		plain = c.figure
	}
	for _, d := range []struct {
		dlogits engine.View
		loss    float64
	}{{dlogits, trained}, {engine.View{}, plain}} {
		tally := &layout.Tally{Source: s, Losses: r.Output("losses", 2*c.batch)}
		r.Run(c.loss.CrossEntropy(tally, in, target, d.dlogits))
		compareFigures(r, r.Floats(tally.Losses), rows, d.loss, correct)
	}
	if slices.Contains(logits, float32(inf)) {
		return // the loss is no number; on SwiftShader exp(NaN) is infinite, which makes gradients 0
	}
	got, gradient := finite(r, "dlogits", r.Floats(dlogits), gradient)
	r.Within("dlogits", got, gradient, 1e-7*soft.Scale*slices.Max(append(soft.Weights, 1)), 1e-5)
}

// soft tells whether the case has another loss than plain cross-entropy.
func (c crossEntropyCase) soft() bool { return c.loss.HasTerms() || c.loss.LabelSmoothing > 0 }

// figures fails unless a batch's figures have that mean loss and so many right rows, and
// 0 for the rows that the batch lacks. If a NaN is wanted, an infinity passes too: the sum is
// as useless.
func compareFigures(r *shadertest.Rig, got []float32, rows int, loss float64, correct int) {
	sum, right := 0.0, 0.0
	for i := 0; i < len(got); i += 2 {
		sum, right = sum+float64(got[i]), right+float64(got[i+1])
		if i/2 >= rows && (got[i] != 0 || got[i+1] != 0) {
			r.Fail("losses: row %d of %d: got %v, want 0", i/2, rows, got[i:i+2])
		}
	}
	mean := sum / float64(rows)
	if !math.IsNaN(loss) || !math.IsNaN(mean) && !math.IsInf(mean, 0) {
		// WGSL lets log be off by 2^-21 around 1.
		r.Within("loss", []float32{float32(mean)}, []float64{loss}, 2e-6, 1e-5)
	}
	r.Within("correct", []float32{float32(right)}, []float64{float64(correct)}, 0, 0)
}
