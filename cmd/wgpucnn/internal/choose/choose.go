// Package choose opens what a command works with: the adapter and its tiling, the data, the model.
// Flags, arguments and variables choose them in the same way for every command.
package choose

import (
	"wgpucnn/nn"
	"wgpucnn/nn/nets"
	"wgpucnn/nn/verify"
	"wgpucnn/shaders/mutate"
)

// The values of --limits.
const (
	LimitsAdapter = "adapter"
	LimitsDefault = "default"
)

// The values of --normalize.
const (
	NormalizeLab  = "lab"
	NormalizeData = "data"
)

// Choices are the values of the flags that have few, by the flags' names. --data may also be a
// folder or a file, --net a text, and --class-weights numbers.
var Choices = map[string][]string{
	"data":          {"builtin", "cifar100"},
	"normalize":     {NormalizeLab, NormalizeData},
	"recipe":        {"lab", "strong"},
	"optimizer":     {"sgd", "adamw", "muon"},
	"class-weights": {"none", "balanced"},
	"schedule":      {"constant", "cosine", "onecycle", "steps"},
	"flip":          {"none", nn.FlipRandom, nn.FlipAlternating},
	"tta":           {"none", ttaFlip},
	"keep":          {"last", "best"},
	"pooling":       nn.Poolings,
	"net":           nets.Names(),
	"init-scheme":   {"default", "he"},
	"tiling":        {tilingCached, tilingDefault},
	"backend":       {"auto", "vulkan", "metal", "dx12", "gl"},
	"limits":        {LimitsAdapter, LimitsDefault},
	"op":            verify.Names(),
	"operators":     mutate.Operators,
}
