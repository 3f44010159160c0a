package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/pytorch"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// importSettings are the values of import's flags.
type importSettings struct {
	pytorch.LabOptions
	out string
}

func importFlags(s *importSettings) *pflag.FlagSet {
	flags := cmdline.New("import")
	flags.StringVar(&s.Pooling, "pooling", "", "`variant` of the lab: "+strings.Join(nn.Poolings, ", ")+" (default what the file tells)")
	cmdline.ListFlag(flags, &s.Classes, "classes", nil, "`names` of the classes in the order of the logits, by commas (default class0,class1,...)")
	cmdline.MappingFlag(flags, &s.Layers, "map", "`layers` that the file names otherwise, as ours=theirs, by commas")
	cmdline.PathFlag(flags, &s.out, "out", "`file` to write (default FILE with .safetensors for its .pt)")
	return flags
}

func importHelp() string {
	var s importSettings
	return `wgpucnn import makes a model of a file of PyTorch.

usage: wgpucnn import FILE [FLAG]...

FILE is one of these:

  a state dict: torch.save(model.state_dict(), "FILE.pt")
  a checkpoint with a state dict under "state_dict", "model_state_dict", "net"
    or "model", or under any other key if it holds only one
  a state dict in a safetensors file, as Python writes it
  a whole model: torch.save(model, "FILE.pt")
  what "wgpucnn export --pt" wrote, which says itself what it is

Tensors are float32, or float64, float16 or bfloat16, which are converted. No
class that the file names is executed.

A state dict must be of one of the lab's networks. Its layers are called conv1,
conv2 and linear1, or have the numbers of an nn.Sequential, which are taken in
their order. A prefix that all names share, such as "module.", is dropped. --map
gives other names:

  wgpucnn import net.pt --map conv1=features.0,conv2=features.3,linear1=head

Several networks fit most state dicts, and --pooling must say which it is. With
H channels of conv1, a Linear of 8H features fits base, one of 32H features fits
stride, and one of 2Hs^2 features fits max and avg of pool size s.

A whole model may be any network of torch.nn's Sequential, Conv2d, BatchNorm2d,
ReLU, SiLU, GELU, AvgPool2d, MaxPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d,
Flatten, Dropout and Linear for pictures of 32 x 32; Dropout2d and Identity are
left out. A class of your own stands for the one module that it has. One with
several modules is refused, because their order is in its code. If it computes
what one of the lab's networks does, save its state dict instead.

wgpucnn's networks normalise images themselves. A state dict with a layer of
mean and std has its own normalisation. A whole model has its own if its first
module is a class of yours with mean and std. Otherwise FILE must have been
trained on images with the lab's mean 0.5074 0.4867 0.4411 and deviation 0.2011
0.1987 0.2025. import prints what it assumes.

` + manual.Flags(importFlags(&s)) + `
The file that is written is as "wgpucnn train" leaves it; one that exists
already is not overwritten.

  wgpucnn import net.pt --pooling avg --classes apple,forest,palm_tree
  wgpucnn train --init net.safetensors --pooling avg
`
}

// importModel makes a model of a file of PyTorch.
func importModel(_ context.Context, args []string, out streams) error {
	var s importSettings
	path, err := choose.ModelArgument(importFlags(&s), args)
	if err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	s.Source = filepath.Base(path)
	if s.out == "" {
		s.out = strings.TrimSuffix(path, filepath.Ext(path)) + ".safetensors"
	}
	file, err := modelfile.ReadFile(path)
	if err != nil {
		return err
	}
	if modelfile.IsSafetensors(file) {
		switch _, err := modelfile.Unmarshal(file); {
		case err == nil:
			return fmt.Errorf("import: %s is a model of wgpucnn already: every command takes it as it is", path)
		case !errors.Is(err, modelfile.ErrForeign):
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := cmdline.CheckFile("import: --out", s.out); err != nil {
		return err
	}
	if _, err := os.Lstat(s.out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("import: --out %s: there is such a file: choose another", s.out)
	}
	model, assumed, err := choose.Import(file, s.LabOptions)
	var names *pytorch.NamesError
	if errors.As(err, &names) {
		err = fmt.Errorf("%w: name them by%s", err, choose.MapFlag(names))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := choose.CheckVariant("import", s.Pooling, path, model); err != nil {
		return err
	}
	if err := model.Save(s.out); err != nil {
		return err
	}
	terminal.Say(out.out, "%sclasses: %s\n", report.Layers(model.Network, terminal.Columns(out.out)), strings.Join(model.ClassNames, ", "))
	if assumed != "" {
		terminal.Say(out.out, "assumed: %s\n", assumed)
	}
	terminal.Say(out.out, "%s\n", s.out)
	return nil
}

// check returns a usage error for flags that are wrong for every file.
func (s importSettings) check() error {
	if err := choose.CheckPooling("import", s.Pooling); err != nil {
		return err
	}
	for layer := range s.Layers {
		if !slices.Contains(pytorch.LabLayers, layer) {
			return fail.Usagef("import: --map %s=%s: want some of %s before the =", layer, s.Layers[layer], strings.Join(pytorch.LabLayers, ","))
		}
	}
	return nil
}
