package layout

import (
	"fmt"
	"slices"

	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/optim"
	"wgpucnn/shaders"
)

// Update is how an optimiser ends the steps of a layout that has gradients.
type Update struct {
	ClipNorm float64        // most norm of all gradients together, see clip; 0 means any
	State    *engine.Buffer // the slots, one after another, each laid out as the parameters; nil without any
	Rates    *engine.Buffer // (epochs, steps, groups) of 4 floats, a ring
	blocks   *engine.Buffer // of parameters, with the parts of their gradients
	words    []uint32       // the contents of blocks
	count    int            // of blocks
	matrices *matrices      // nil unless the rule is Muon
	rule     optim.Optimiser
	layout   *Layout
	tally    *Tally
}

// NewUpdate lays out an optimiser. Its updates end a step: they leave the step's metrics with
// the tally and count it. It returns an error if the optimiser names a parameter that the
// network has not, or names one twice, if a layer packs a value more than twice, and if a matrix is too large
// for Muon.
func NewUpdate(l *Layout, rule optim.Optimiser, tally *Tally) (*Update, error) {
	u := &Update{layout: l, rule: rule, tally: tally}
	groups, err := groupOf(l.Network, rule)
	if err != nil {
		return nil, err
	}
	u.Rates = engine.NewBuffer("rates", rateSize*u.groups()*tally.Slots())
	if slots := len(rule.Slots()); slots > 0 {
		u.State = engine.NewBuffer("state", 0)
		for range slots {
			u.State.Reserve(l.Params.Size())
		}
	}
	if err := u.layOutBlocks(groups); err != nil {
		return nil, err
	}
	if muon, ok := rule.(optim.Muon); ok {
		if err := CheckMatrices(l.Network, muon); err != nil {
			return nil, err
		}
		u.matrices = u.layOutMatrices(muon.MatrixGroup())
	}
	return u, nil
}

// rateSize is the size in bytes of a group's rates for a step.
const rateSize = 16

func (u *Update) groups() int { return 1 + len(u.rule.ParamGroups()) }

// groupOf returns the groups of the parameters that are not in group 0.
func groupOf(network *nn.Network, rule optim.Optimiser) (map[string]int, error) {
	groups := map[string]int{}
	params := network.Params()
	for i, g := range rule.ParamGroups() {
		for _, name := range g.Params {
			if !slices.ContainsFunc(params, func(p nn.Param) bool { return p.Name == name && !p.Untrained }) {
				return nil, fmt.Errorf("layout: optimiser: %q: the network trains no such parameter", name)
			}
			if _, ok := groups[name]; ok {
				return nil, fmt.Errorf("layout: optimiser: %s is in two groups", name)
			}
			groups[name] = i + 1
		}
	}
	return groups, nil
}

// EpochRates returns the place and the contents of the rates of an epoch, counted from 0.
func (u *Update) EpochRates(epoch int) (engine.View, []float32) {
	steps := u.tally.Source.Steps
	var rates []float32
	for step := range steps {
		for group := range u.groups() {
			for _, r := range u.rule.Rates(epoch*steps+step, group) {
				rates = append(rates, float32(r))
			}
		}
	}
	epochs := u.tally.Slots() / steps
	return engine.View{Buffer: u.Rates, Offset: epoch % epochs * 4 * len(rates), Size: 4 * len(rates)}, rates
}

// Slot returns where the values of a slot of the state lie, laid out as the parameters.
func (u *Update) Slot(i int) engine.View {
	return engine.View{Buffer: u.State, Offset: i * u.stride(), Size: u.layout.Params.Size()}
}

// stride returns the bytes from one slot to the next.
func (u *Update) stride() int { return nn.CeilDiv(u.layout.Params.Size(), 256) * 256 }

// Reduce sums the parts of the gradients into a buffer laid out as the parameters.
func (u *Update) Reduce(gradient engine.View) engine.Plan {
	return u.reduce(u.blocks, u.layout.Parts.All(), gradient, false)
}

func (u *Update) reduce(blocks *engine.Buffer, parts, gradient engine.View, squares bool) engine.Plan {
	constants := append(u.constants(), shaders.Constants{{Name: "SQUARED", Value: squares}, {Name: "SQUARES", Value: u.behindParams()}, {Name: "WORKGROUP", Value: u.layout.workgroup()}}...)
	return engine.Plan{nn.Dispatch("reduce", "reduce", constants, engine.Grid(u.count), 0,
		engine.Binding{Name: "blocks", View: blocks.All()}, engine.Binding{Name: "parts", View: parts}, engine.Binding{Name: "gradient", View: gradient})}
}

// behindParams returns the index of the first value behind those of the parameters, in a buffer laid out
// as they are.
func (u *Update) behindParams() int { return u.layout.Params.Size() / 4 }

// Update changes the parameters by gradients in the layout of the parameters, and counts the
// step.
func (u *Update) Update(gradient engine.View) engine.Plan { return u.clip(u.sums(), gradient) }

// ReduceUpdate sums the parts of the gradients, changes the parameters and counts the
// step, at once.
func (u *Update) ReduceUpdate() engine.Plan { return u.clip(u.blocks, u.layout.Parts.All()) }

// clip returns an update by gradients whose norm, that of all of them together, is ClipNorm at most. Two
// dispatches sum the gradients, and compute the factor that the update multiplies them by.
//
//	factor = min(1, ClipNorm / (norm + 1e-6))
//
// Matches torch.nn.utils.clip_grad_norm_.
func (u *Update) clip(blocks *engine.Buffer, parts engine.View) engine.Plan {
	if u.ClipNorm == 0 {
		return u.update(blocks, parts)
	}
	sums := engine.NewBuffer("sums of gradients", 4*(u.factor()+1))
	constants := shaders.Constants{
		{Name: "BLOCKS", Value: u.count}, {Name: "SQUARES", Value: u.behindParams()}, {Name: "FACTOR", Value: u.factor()},
		{Name: "CLIP_NORM", Value: float32(u.ClipNorm)}, {Name: "WORKGROUP", Value: u.layout.workgroup()},
	}
	return slices.Concat(u.reduce(blocks, parts, sums.All(), true),
		engine.Plan{nn.Dispatch("clip", "clip", constants, [3]int{1, 1, 1}, 0, engine.Binding{Name: "gradient", View: sums.All()})},
		u.update(u.sums(), sums.All()))
}

// factor returns the index of the factor of the gradients, behind the sum of squares of each block.
func (u *Update) factor() int { return u.behindParams() + u.count }

// update returns a run over all blocks, and the workgroup behind them, which counts. It changes the packed
// copies of the parameters too. With Muon, more dispatches follow, and the last one counts.
func (u *Update) update(blocks *engine.Buffer, parts engine.View) engine.Plan {
	l := u.layout
	file, own := u.rule.Kernel()
	constants, counting := u.tally.count(l.workgroup())
	bindings := append([]engine.Binding{{Name: "parts", View: parts}, {Name: "w", View: l.Params.All()}, {Name: "blocks", View: blocks.All()}, {Name: "rates", View: u.Rates.All()}}, counting...)
	if u.State != nil {
		bindings = append(bindings, engine.Binding{Name: "state", View: u.State.All()})
	}
	if l.Packed != nil {
		bindings = append(bindings, engine.Binding{Name: "packed", View: l.Packed.All()})
	}
	constants = slices.Concat(constants, u.constants(), shaders.Constants{
		{Name: "GROUPS", Value: u.groups()}, {Name: "STRIDE", Value: u.stride() / 4}, {Name: "PACKED", Value: l.Packed != nil},
		{Name: "CLIP", Value: u.ClipNorm > 0}, {Name: "FACTOR", Value: u.factor()},
	}, own)
	if u.matrices != nil {
		return u.muon(file, constants, bindings)
	}
	return engine.Plan{nn.Dispatch(file, "update", constants, engine.Grid(u.count+1), 0, bindings...)}
}
