package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/fail"

	"github.com/spf13/pflag"
)

// preset is the value that a recipe gives a flag.
type preset struct {
	flag, value string
	with        string // another flag: the preset counts if that has the recipe's value
}

// tenth is the value of a flag that is a tenth of the epochs.
const tenth = "tenth"

// of returns the value for a training of so many epochs.
func (p preset) of(epochs int) string {
	if p.value == tenth {
		return strconv.Itoa(epochs / 10)
	}
	return p.value
}

// recipes are the presets of each recipe. The recipe lab has none: its values are the flags' defaults.
var recipes = map[string][]preset{
	"strong": {
		{flag: "net", value: "small"},
		{flag: "epochs", value: "120"},
		{flag: "batch", value: "128"},
		{flag: "optimizer", value: "sgd"},
		{flag: "lr", value: "0.1", with: "optimizer"},
		{flag: "momentum", value: "0.9", with: "optimizer"},
		{flag: "nesterov", value: "true", with: "optimizer"},
		{flag: "weight-decay", value: "0.0005", with: "optimizer"},
		{flag: "schedule", value: "cosine"},
		{flag: "warmup", value: tenth, with: "schedule"},
		{flag: "label-smoothing", value: "0.1"},
		{flag: "mixup", value: "0.4"},
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
		if slices.Contains(other, p.with) || p.flag == "net" && given.Changed("pooling") {
			continue
		}
		value := p.of(s.epochs)
		if err := given.Set(p.flag, value); err != nil {
			return fmt.Errorf("train: --recipe %s: %w", s.recipe, err)
		}
		s.presets = append(s.presets, "--"+p.flag+"="+value)
	}
	return nil
}

// recipeHelp returns the presets of a recipe, as lines of the help.
func recipeHelp(name string) string {
	epochs := 0
	text := ""
	for _, p := range recipes[name] {
		if p.flag == "epochs" {
			epochs, _ = strconv.Atoi(p.value)
		}
		word := " --" + p.flag + " " + p.of(epochs)
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
