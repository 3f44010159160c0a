package verify

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"wgpucnn/engine"
	"wgpucnn/shaders/shadertest"
)

// explain gives the failed cases of a part the commands that repeat them. It reduces one of them, if it can,
// and writes a reproduction if the options want one.
func (result *Result) explain(ctx context.Context, dev *engine.Device, p part, outcomes []shadertest.Outcome, options Options) {
	for i := range result.Failed {
		result.Failed[i].Repeat = options.repeat(p.name, result.Failed[i].Case)
	}
	c, o := example(p, outcomes)
	small, o := shadertest.Reduce(ctx, dev, c, o)
	if small.Name() != c.Name() {
		result.Smallest = &Finding{Case: small.Name(), Reason: o.Err.Error()}
	}
	if options.Reproduce == "" || ctx.Err() != nil {
		return
	}
	result.Reproduction = filepath.Join(options.Reproduce, p.name)
	if err := shadertest.Reproduce(dev, small, result.Reproduction); err != nil {
		result.Reproduction = "none: " + err.Error()
	}
}

// example returns the first case that failed and can be reduced, or else the first that failed.
func example(p part, outcomes []shadertest.Outcome) (shadertest.Case, shadertest.Outcome) {
	first := -1
	for i, c := range p.cases {
		if o := outcomes[i]; o.Err == nil || errors.Is(o.Err, engine.ErrLimit) {
			continue
		}
		if _, drawn := c.(shadertest.Drawn); drawn {
			return c, outcomes[i]
		}
		if first < 0 {
			first = i
		}
	}
	return p.cases[first], outcomes[first]
}

// plain matches a text that is one word of a shell without quotes.
var plain = regexp.MustCompile(`^[\w./,=-]+$`)

// repeat returns the command that runs a case alone, as a shell takes it.
func (o Options) repeat(part, name string) string {
	words := append(slices.Clone(o.Command), "--op", part, "--case", name)
	for i, word := range words {
		if !plain.MatchString(word) {
			words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
