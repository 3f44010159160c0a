package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine/enginetest"
)

// followed returns the flags of a command line after its recipe.
func followed(t *testing.T, line string) settings {
	t.Helper()
	var s settings
	flags := trainFlags(&s)
	err := cmdline.Parse(flags, strings.Fields(line))
	if err == nil {
		err = s.follow(flags)
	}
	if err == nil {
		err = s.check(flags)
	}
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	s.command = s.commandLine(flags)
	return s
}

// A recipe presets flags of train, all of them, by values that fit together. The help shows them.
func TestRecipes(t *testing.T) {
	if got := append(slices.Sorted(maps.Keys(recipes)), "lab"); !slices.Equal(slices.Sorted(slices.Values(got)), choose.Choices["recipe"]) {
		t.Errorf("the recipes are %v, and the choices %v", got, choose.Choices["recipe"])
	}
	for name, presets := range recipes {
		s := followed(t, "--recipe "+name)
		if len(s.presets) != len(presets) {
			t.Errorf("%s sets %v, want all of %v", name, s.presets, presets)
		}
		again := trainFlags(new(settings))
		if err := cmdline.Parse(again, s.command[2:]); err != nil {
			t.Fatal(err)
		}
		for _, word := range s.presets {
			flag, value, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
			if got := again.Lookup(flag).Value.String(); got != value {
				t.Errorf("%s: the command %v has %s for %s", name, s.command, got, word)
			}
			word = strings.TrimSuffix(strings.Replace(word, "=", " ", 1), " true")
			if !strings.Contains(trainHelp(), " "+word) {
				t.Errorf("%s: the help lacks %s", name, word)
			}
		}
	}
	if s := followed(t, "--recipe lab"); s.presets != nil || !slices.Equal(s.command, followed(t, "").command) {
		t.Errorf("lab sets %v", s.presets)
	}
}

// A flag that is given counts, and presets that would not fit it are left out.
func TestRecipeAndFlags(t *testing.T) {
	for line, want := range map[string]struct{ has, lacks []string }{
		"--epochs 45":                           {[]string{"--epochs=45", "--warmup-share=0.1", "--net=small"}, nil},
		"--net medium":                          {[]string{"--net=medium"}, []string{"--net=small"}},
		"--pooling max":                         {[]string{"--pooling=max"}, []string{"--net=small"}},
		"--optimizer adamw":                     {[]string{"--optimizer=adamw", "--lr=0.005", "--schedule=cosine"}, []string{"--nesterov=true", "--decay-biases=true", "--momentum=0.9"}},
		"--schedule constant":                   {[]string{"--lr=0.1"}, []string{"--warmup-share=0.1", "--schedule=cosine"}},
		"--schedule steps --step-epochs 3":      {[]string{"--schedule=steps", "--nesterov=true"}, []string{"--warmup-share=0.1"}},
		"--warmup 3":                            {[]string{"--warmup=3", "--schedule=cosine"}, []string{"--warmup-share=0.1"}},
		"--lr 1 --nesterov=false --momentum .5": {[]string{"--lr=1", "--momentum=0.5", "--weight-decay=0.0005", "--muon-momentum=0.6"}, []string{"--nesterov=true"}},
	} {
		s := followed(t, "--recipe strong "+line)
		for _, word := range want.has {
			if !slices.Contains(s.command, word) {
				t.Errorf("%s: %v lacks %s", line, s.command, word)
			}
		}
		for _, word := range want.lacks {
			if slices.Contains(s.command, word) {
				t.Errorf("%s: %v has %s", line, s.command, word)
			}
		}
	}
	for line, want := range map[string]string{
		"--recipe weak":                "--recipe weak: want one of lab, strong",
		"--recipe strong --hidden 3":   "--hidden is for the lab's networks",
		"--resume run --recipe strong": "--resume and --recipe: the run keeps its own",
	} {
		if status, _, said := call(append([]string{"train"}, strings.Fields(line)...)...); status != exitUsage || !strings.Contains(said, want) {
			t.Errorf("%s: status %d, %q, want %s", line, status, said, want)
		}
	}
}

// A run says what its recipe has set. Its folder keeps that, so that it goes on without the recipe.
func TestTrainRecipe(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	line := strings.Fields("train --recipe strong --epochs 1 --batch 1500 --out run --net")
	out := mustCall(t, append(line, "conv 2 5x5 stride 4")...)
	if want := "\nstrong   --optimizer=muon --lr=0.1 --muon-momentum=0.6 --momentum=0.9 --nesterov=true --weight-decay=0.0005 --decay-biases=true --schedule=cosine --warmup-share=0.1 --label-smoothing=0.1 --mixup=0.8 --flip=alternating --shift=4\n"; !strings.Contains(out, want) {
		t.Errorf("no %q in\n%s", want, out)
	}
	mustCall(t, strings.Fields("train --resume run --epochs 2 --quiet")...)
	config, err := runs.ReadConfig("run")
	if err != nil || config.Recipe.LR != 0.1 || config.Recipe.Epochs != 2 || slices.Contains(config.Command, "--recipe=strong") {
		t.Errorf("got %+v, %v", config, err)
	}
}
