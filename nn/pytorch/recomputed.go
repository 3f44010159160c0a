package pytorch

import (
	"fmt"
	"strings"

	"wgpucnn/nn"
)

// recomputed are the ways of torch.nn.utils to compute a weight from other tensors before
// each use, and what undoes them.
var recomputed = []struct {
	class  string // of the hook, how it begins
	tensor string // which the state dict has instead of the weight
	undo   string
}{
	{"torch.nn.utils.prune.", ".weight_mask", `torch.nn.utils.prune.remove(module, "weight")`},
	{"torch.nn.utils.weight_norm.", ".weight_g", "torch.nn.utils.remove_weight_norm(module)"},
	{"torch.nn.utils.spectral_norm.", ".weight_u", "torch.nn.utils.remove_spectral_norm(module)"},
	{"torch.nn.utils.parametrize.", ".parametrizations.", `torch.nn.utils.parametrize.remove_parametrizations(module, "weight")`},
}

// checkHooks returns an error for a module with hooks before or behind its computation.
func checkHooks(m *object) error {
	for _, hooks := range []string{"_forward_hooks", "_forward_pre_hooks"} {
		all, _ := items(m.attribute(hooks))
		if len(all) == 0 {
			continue
		}
		remedy := "take them away"
		for _, item := range all {
			hook, _ := item.Value.(*object)
			for _, r := range recomputed {
				if hook != nil && strings.HasPrefix(string(hook.class), r.class) {
					remedy = "call " + r.undo
				}
			}
		}
		return fmt.Errorf("has %s, which may change what it computes: %s and save it again", hooks, remedy)
	}
	return nil
}

// checkRecomputed returns an error for a state dict with the parts of a weight instead of it.
func checkRecomputed(state nn.StateDict) error {
	for _, t := range state {
		for _, r := range recomputed {
			if module, _, ok := strings.Cut(t.Name, r.tensor); ok {
				return fmt.Errorf("%.40q has %.60q, and PyTorch computes its weight from that: call %s and save the state dict again", module, t.Name, r.undo)
			}
		}
	}
	return nil
}
