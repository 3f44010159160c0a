package main

import (
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine"
	"wgpucnn/nn"

	"github.com/spf13/pflag"
)

// settings are the values of train's flags.
type settings struct {
	source     choose.Source
	validation float64
	normalize  string

	recipe  string
	presets []string // the flags that the recipe set
	pooling []string
	net     []string // in place of pooling
	epochs  int
	batch   int
	rule
	lossSettings
	augmentation
	stopping
	hidden   int
	poolSize int
	repeats
	init   string // path of the model to start from
	scheme string // of the initial weights without that

	adapter    engine.Options
	tilingFrom string // see choose.TilingFlag
	out        string
	opset      int
	quiet      bool
	verbose    bool
	log        string

	resume          string // folder of an earlier run
	checkpointEvery int

	window      bool
	redrawEvery int // epochs

	command []string     // that repeats the run
	watched []string     // the flags of watching that were given
	before  *runs.Config // of the run that goes on, nil for a new one
}

func trainFlags(s *settings) *pflag.FlagSet {
	flags := cmdline.New("train")
	choose.DataFlags(flags, &s.source, "apple,forest,palm_tree for cifar100, else all")
	flags.Float64Var(&s.validation, "validation", 0, "`share` of the training rows to hold out, and to choose the best variant by")
	flags.StringVar(&s.normalize, "normalize", choose.NormalizeLab, "`mean` and deviation of the first layer: the lab's numbers, or data for those of the training rows")
	flags.StringVar(&s.recipe, "recipe", "lab", "`settings` to begin with: lab or strong; a flag given beside it counts instead")
	cmdline.ListFlag(flags, &s.pooling, "pooling", nn.Poolings, "`variants` of the lab to train, by commas")
	cmdline.TextsFlag(flags, &s.net, "net", "`network` to train instead, by name or as a text; may be given several times; see wgpucnn help nets")
	flags.IntVar(&s.epochs, "epochs", 500, "passes over the training rows")
	flags.IntVar(&s.batch, "batch", 128, "rows of a step")
	ruleFlags(flags, &s.rule)
	lossFlags(flags, &s.lossSettings)
	augmentFlags(flags, &s.augmentation)
	stoppingFlags(flags, &s.stopping)
	flags.IntVar(&s.hidden, "hidden", 32, "channels of the first convolution; the second has twice as many")
	flags.IntVar(&s.poolSize, "pool-size", 1, "output size of the adaptive pools")
	repeatsFlags(flags, &s.repeats)
	cmdline.PathFlag(flags, &s.init, "init", "`model` to start from, a model's file or a run's folder, instead of random weights")
	flags.StringVar(&s.scheme, "init-scheme", "default", "`how` random weights are drawn: default, as PyTorch does, or he, for networks with ReLU")
	choose.AdapterFlags(flags, &s.adapter)
	choose.TilingFlag(flags, &s.tilingFrom)
	cmdline.PathFlag(flags, &s.out, "out", "`folder` for what the run leaves (default runs/<time>)")
	flags.IntVar(&s.opset, "opset", 9, "operator set of the ONNX files")
	cmdline.PathFlag(flags, &s.resume, "resume", "go on with the run in this `folder`, with its settings")
	flags.IntVar(&s.checkpointEvery, "checkpoint-every", 25, "`epochs` from one checkpoint to the next; 0 for those every 30 seconds, at a stop and at the end alone")
	flags.BoolVar(&s.window, "window", false, "show curves, filters and guesses in a window as they change; space pauses, S saves")
	flags.IntVar(&s.redrawEvery, "redraw-every", 20, "`epochs` from one picture in the window to the next, where half a second is not shorter")
	flags.BoolVarP(&s.quiet, "quiet", "q", false, "print the comparison at the end alone")
	flags.BoolVarP(&s.verbose, "verbose", "v", false, "print on standard error what the GPU does")
	cmdline.PathFlag(flags, &s.log, "log", "`file` to write what happens to, as JSON lines; - for standard output")
	return flags
}

// absolute makes the paths that the run reads mean the same in every current folder.
func (s *settings) absolute() {
	s.source.Absolute()
	if s.init != "" {
		s.init = cmdline.Absolute(s.init)
	}
}

// check returns a usage error for flags that are wrong for all data.
func (s settings) check(given *pflag.FlagSet) error {
	for _, p := range s.pooling {
		if !slices.Contains(nn.Poolings, p) {
			return fail.Usagef("train: --pooling %s: want some of %s", p, strings.Join(nn.Poolings, ","))
		}
	}
	if given.Changed("net") && given.Changed("pooling") {
		return fail.Usagef("train: --net and --pooling: want one of them; --net takes the names of --pooling too")
	}
	for _, n := range []struct {
		flag          string
		value, lo, hi int
	}{
		{"epochs", s.epochs, 1, 1_000_000},
		{"batch", s.batch, 1, 1 << 20},
		{"hidden", s.hidden, 1, 1024},
		{"pool-size", s.poolSize, 1, 64},
		{"opset", s.opset, 9, 26},
		{"checkpoint-every", s.checkpointEvery, 0, 1_000_000},
		{"redraw-every", s.redrawEvery, 1, 1_000_000},
	} {
		if n.value < n.lo || n.value > n.hi {
			return fail.Usagef("train: --%s %d: want %d to %d", n.flag, n.value, n.lo, n.hi)
		}
	}
	if choices := choose.Choices["init-scheme"]; !slices.Contains(choices, s.scheme) {
		return fail.Usagef("train: --init-scheme %s: want one of %s", s.scheme, strings.Join(choices, ", "))
	}
	if s.init != "" && s.scheme != "default" {
		return fail.Usagef("train: --init and --init-scheme: want one of them; the model has its weights")
	}
	nets, err := s.nets()
	if err != nil {
		return err
	}
	if err := s.repeats.check(given, len(nets)); err != nil {
		return err
	}
	if s.window && s.jobs > 1 {
		return fail.Usagef("train: --window and --jobs: want one of them")
	}
	for _, flag := range labFlags {
		if given.Changed(flag) && !s.ofLab() {
			return fail.Usagef("train: --%s is for the lab's networks, %s: leave it out", flag, strings.Join(nn.Poolings, ", "))
		}
	}
	if err := s.rule.check(given, s.epochs); err != nil {
		return err
	}
	if err := s.lossSettings.check(); err != nil {
		return err
	}
	if err := s.augmentation.check(); err != nil {
		return err
	}
	if !(s.validation >= 0 && s.validation < 1) {
		return fail.Usagef("train: --validation %v: want 0 or more, below 1", s.validation)
	}
	if err := s.checkNormalize(); err != nil {
		return err
	}
	if err := s.stopping.check(s.validation); err != nil {
		return err
	}
	if s.quiet && s.verbose {
		return fail.Usagef("train: --quiet and --verbose: want one of them")
	}
	if err := choose.CheckTiling("train", s.tilingFrom); err != nil {
		return err
	}
	return s.source.Check("train")
}

// watching are the flags that change nothing in the result of a run.
var watching = []string{"jobs", "checkpoint-every", "window", "redraw-every", "quiet", "verbose", "log"}

// watchedBy returns the flags of watching that were given.
func watchedBy(flags *pflag.FlagSet) []string {
	var words []string
	flags.Visit(func(f *pflag.Flag) {
		if slices.Contains(watching, f.Name) {
			words = append(words, cmdline.Words(f)...)
		}
	})
	return words
}

// resumption returns the command line that goes on with the run in a folder, without the program's name.
func (s settings) resumption(folder string) []string {
	return append([]string{"train", "--resume", folder}, s.watched...)
}

// commandLine returns the command that repeats a run, with every flag that may change its result.
func (s settings) commandLine(flags *pflag.FlagSet) []string {
	words := []string{"wgpucnn", "train"}
	omitted := slices.Concat([]string{"out", "resume", "recipe"}, watching, meaningless(flags))
	if len(s.net) > 0 {
		omitted = append(omitted, "pooling")
	}
	if !s.ofLab() {
		omitted = append(omitted, labFlags...)
	}
	if s.seeds != "" {
		omitted = append(omitted, "seed")
	}
	flags.VisitAll(func(f *pflag.Flag) {
		value := f.Value.String()
		if value != "" && !slices.Contains(omitted, f.Name) && !(value == f.DefValue && slices.Contains(unknownBefore, f.Name)) {
			words = append(words, cmdline.Words(f)...)
		}
	})
	return words
}
