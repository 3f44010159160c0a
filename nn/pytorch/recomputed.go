package pytorch

import (
	"fmt"
	"strings"

	"wgpucnn/nn"
)

// recomputed are the functions of torch.nn.utils that compute a weight from other tensors
// before each use, and how to undo them.
var recomputed = []struct {
	class  string // beginning of the hook's class
	tensor string // in the state dict instead of the weight
	undo   string
}{
	{"torch.nn.utils.prune.", ".weight_mask", `torch.nn.utils.prune.remove(module, "weight")`},
	{"torch.nn.utils.weight_norm.", ".weight_g", "torch.nn.utils.remove_weight_norm(module)"},
	{"torch.nn.utils.spectral_norm.", ".weight_u", "torch.nn.utils.remove_spectral_norm(module)"},
	{"torch.nn.utils.parametrize.", ".parametrizations.", `torch.nn.utils.parametrize.remove_parametrizations(module, "weight")`},
}

// checkHooks returns an error for a module with hooks before or after its computation.
func checkHooks(m *object) error {
	for _, hooks := range []string{"_forward_hooks", "_forward_pre_hooks"} {
		all, _ := items(m.attribute(hooks))
		if len(all) == 0 {
			continue
		}
		remedy := "remove them"
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

// checkRecomputed returns an error for a state dict that has other tensors from which a weight
// is computed.
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
