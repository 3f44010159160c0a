package layout

import (
	"regexp"
	"slices"
	"strings"

	"wgpucnn/engine"
	"wgpucnn/nn"
)

// backward returns the dispatches of the nodes' gradients, from the last node to the first. On GPUs each
// dispatch costs time of its own, whatever it waits for. So those of the parameters' gradients, which
// do not wait for one another, come last and become few. Those that the node's next dispatch reads stay where
// they are. An image step has computed all others.
func (l *Layout) backward(s nn.Step) engine.Plan {
	var plan engine.Plan
	var weights []weight
	for _, n := range slices.Backward(l.nodes) {
		if n.DY.Buffer == nil {
			continue
		}
		if terms := l.sums[n]; terms != nil {
			plan = append(plan, nn.Sum(n.DY, terms...)...)
		}
		own := n.Layer.(nn.Operation).Backward(n, s)
		for i, d := range own {
			if n.Default.GPU != (nn.GPUTiling{}) && slices.Equal(d.Written(), []*engine.Buffer{l.Parts}) && !slices.Contains(own[i+1:].Buffers(), l.Parts) {
				weights = append(weights, weight{n, d})
			} else if l.image == nil {
				plan = append(plan, d)
			}
		}
	}
	return append(plan, merge(weights)...)
}

// weight is a dispatch that computes gradients of a node's parameters, and nothing else.
type weight struct {
	node     *nn.Node
	dispatch engine.Dispatch
}

// merge joins the dispatches, each with those before it if together they fit WebGPU's default limits and
// the tiling's memory.
func merge(weights []weight) engine.Plan {
	var plan engine.Plan
	for len(weights) > 0 {
		merged, count := weights[0].dispatch, 1
		for count < len(weights) {
			more, err := mergeAll(weights[:count+1])
			if err != nil {
				break
			}
			merged = more
			count++
		}
		plan, weights = append(plan, merged), weights[count:]
	}
	return plan
}

var noWord = regexp.MustCompile(`\W+`)

// mergeAll returns one dispatch for several. Its name has the names of the nodes.
func mergeAll(weights []weight) (engine.Dispatch, error) {
	names := []string{"weights"}
	var plan engine.Plan
	limits := engine.DefaultLimits()
	limits.WorkgroupStorage = 0 // that of the tilings
	for _, w := range weights {
		names = append(names, noWord.ReplaceAllString(w.node.Name, "_"))
		plan = append(plan, w.dispatch)
		limits.WorkgroupStorage = max(limits.WorkgroupStorage, w.node.Default.GPU.Memory)
	}
	return engine.Merge(strings.Join(names, "_"), limits, plan)
}
