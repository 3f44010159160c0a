package main

import (
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn"
	"wgpucnn/nn/report"
)

// What the flags say is what trains, what the recipe tells, and what the command repeats.
func TestAugmentFlags(t *testing.T) {
	for line, want := range map[string]struct {
		changes nn.Augment
		words   string // of the command
	}{
		"":                      {nn.Augment{}, ""},
		"--flip none --shift 0": {nn.Augment{}, ""},
		"--flip random":         {nn.Augment{Flip: "random"}, "--flip=random"},
		"--flip alternating --shift=4 --cutout 8": {nn.Augment{Flip: "alternating", Shift: 4, Cutout: 8}, "--flip=alternating --shift=4 --cutout=8"},
	} {
		var s settings
		flags := trainFlags(&s)
		if err := cmdline.Parse(flags, strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		if err := s.check(flags); err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, word := range s.commandLine(flags) {
			if strings.HasPrefix(word, "--flip") || strings.HasPrefix(word, "--shift") || strings.HasPrefix(word, "--cutout") {
				words = append(words, word)
			}
		}
		var recipe report.Recipe
		s.augmentation.describe(&recipe)
		told := nn.Augment{Flip: recipe.Flip, Shift: recipe.Shift, Cutout: recipe.Cutout}
		if s.changes() != want.changes || told != want.changes || strings.Join(words, " ") != want.words {
			t.Errorf("%q: got %+v, a recipe of %+v and %q; want %+v and %q", line, s.changes(), told, words, want.changes, want.words)
		}
	}
}

// Pictures must be larger than what they move by.
func TestShiftTooFar(t *testing.T) {
	enginetest.Open(t)
	if status, _, err := call("train", "--shift", "32", "--epochs", "1", "--out", t.TempDir()+"/run"); status != 2 || !strings.Contains(err, "train: --shift 32: want 0 to 31 for pictures of 32 x 32") {
		t.Errorf("status %d, %q", status, err)
	}
}
