package main

import (
	"fmt"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"

	"github.com/spf13/pflag"
)

// preset is the value that a recipe gives a flag.
type preset struct {
	flag, value string
	with        string // another flag: the preset counts if that has the recipe's value
	unless      string // another flag: the preset counts if that was not given
}

// recipes are the presets of each recipe. The recipe lab has none: its values are the flags' defaults.
var recipes = map[string][]preset{
	"strong": {
		{flag: "net", value: "small", unless: "pooling"},
		{flag: "epochs", value: "120"},
		{flag: "batch", value: "128"},
		{flag: "optimizer", value: "muon"},
		{flag: "lr", value: "0.1", with: "optimizer"},
		{flag: "muon-momentum", value: "0.6", with: "optimizer"},
		{flag: "momentum", value: "0.9", with: "optimizer"},
		{flag: "nesterov", value: "true", with: "optimizer"},
		{flag: "weight-decay", value: "0.0005", with: "optimizer"},
		{flag: "decay-biases", value: "true", with: "optimizer"},
		{flag: "schedule", value: "cosine"},
		{flag: "warmup-share", value: "0.1", with: "schedule", unless: "warmup"},
		{flag: "label-smoothing", value: "0.1"},
		{flag: "mixup", value: "0.8"},
		{flag: "flip", value: "alternating"},
		{flag: "shift", value: "4"},
	},
}

// follow sets the flags that a recipe presets and that were not given. It keeps them in s.presets.
func (s *settings) follow(given *pflag.FlagSet) error {
	if choices := choose.Choices["recipe"]; !slices.Contains(choices, s.recipe) {
		return fail.Usagef("train: --recipe %s: want one of %s", s.recipe, strings.Join(choices, ", "))
	}
	presets := recipes[s.recipe]
	var other []string // flags with another value than the recipe's
	for _, p := range presets {
		f := given.Lookup(p.flag)
		if f.Changed {
			if f.Value.String() != p.value {
				other = append(other, p.flag)
			}
			continue
		}
		if slices.Contains(other, p.with) || given.Changed(p.unless) {
			continue
		}
		if err := given.Set(p.flag, p.value); err != nil {
			return fmt.Errorf("train: --recipe %s: %w", s.recipe, err)
		}
		s.presets = append(s.presets, "--"+p.flag+"="+p.value)
	}
	return nil
}

// recipeHelp returns the presets of a recipe, as lines of the help.
func recipeHelp(name string) string {
	text := ""
	for _, p := range recipes[name] {
		word := " --" + p.flag + " " + p.value
		if p.value == "true" {
			word = " --" + p.flag
		}
		if last := text[strings.LastIndex(text, "\n")+1:]; last == "" || len(last)+len(word) > 78 {
			text += "\n "
		}
		text += word
	}
	return strings.TrimPrefix(text, "\n") + "\n"
}
