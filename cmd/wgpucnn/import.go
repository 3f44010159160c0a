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

	"wgpucnn/nn"
	"wgpucnn/nn/pytorch"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// importSettings are what import's flags say.
type importSettings struct {
	pytorch.LabOptions
	out string
}

func importFlags(s *importSettings) *pflag.FlagSet {
	flags := newFlags("import")
	flags.StringVar(&s.Pooling, "pooling", "", "`variant` of the lab: "+strings.Join(nn.Poolings, ", ")+" (default what the shapes tell)")
	listFlag(flags, &s.Classes, "classes", nil, "`names` of the classes in the order of the logits, by commas (default class0,class1,...)")
	flags.Var((*mapping)(&s.Layers), "map", "`layers` that the file names otherwise, as ours=theirs, by commas")
	pathFlag(flags, &s.out, "out", "`file` to write (default FILE with .safetensors for its .pt)")
	return flags
}

func importHelp() string {
	var s importSettings
	return `wgpucnn import makes a model of a state dict of PyTorch.

usage: wgpucnn import FILE.pt [FLAG]...

FILE.pt is what torch.save(model.state_dict(), "FILE.pt") writes; a checkpoint
that has the state dict under "state_dict" or "model_state_dict" is read too.
Tensors are float32, or float64, float16 or bfloat16, which are converted.

The model must be one of the lab's. Its layers are called conv1, conv2 and
linear1, or have the numbers of an nn.Sequential, which are taken in their
order, or other names, which --map gives:

  wgpucnn import net.pt --map conv1=features.0,conv2=features.3,linear1=head

With H channels of conv1, a Linear of 8H features makes it base, one of 32H
stride. max and avg both have 2H: --pooling must say which. Where it does, the
features tell the output size of the adaptive pool too, as --pool-size in train.

The lab's network normalises images itself: FILE.pt must have been trained on
images with the lab's mean 0.5074 0.4867 0.4411 and deviation 0.2011 0.1987
0.2025.

` + usages(importFlags(&s)) + `
The file that is written is as "wgpucnn train" leaves it; one that exists
already is not overwritten.

  wgpucnn import net.pt --pooling avg --classes apple,forest,palm_tree
  wgpucnn train --init net.safetensors --pooling avg
`
}

// importModel makes a model of a state dict.
func importModel(_ context.Context, args []string, out streams) error {
	var s importSettings
	path, err := parseModel(importFlags(&s), args)
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
	if err := checkFolder("import: --out", s.out); err != nil {
		return err
	}
	if _, err := os.Lstat(s.out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("import: --out %s: there is such a file: choose another", s.out)
	}
	file, err := nn.ReadFile(path)
	if err != nil {
		return err
	}
	model, err := stateDictModel(file, s.LabOptions)
	if errors.Is(err, pytorch.ErrPooling) {
		err = fmt.Errorf("%w: say it by --pooling", err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := model.Save(s.out); err != nil {
		return err
	}
	say(out.out, "%sclasses: %s\n%s\n", report.Layers(model.Sequential, width(out.out)), strings.Join(model.ClassNames, ", "), s.out)
	return nil
}

// check returns a usage error for what makes no sense, whatever is in the file.
func (s importSettings) check() error {
	if s.Pooling != "" && !slices.Contains(nn.Poolings, s.Pooling) {
		return usagef("import: --pooling %s: want one of %s", s.Pooling, strings.Join(nn.Poolings, ","))
	}
	for layer := range s.Layers {
		if !slices.Contains(pytorch.LabLayers, layer) {
			return usagef("import: --map %s=%s: want some of %s before the =", layer, s.Layers[layer], strings.Join(pytorch.LabLayers, ","))
		}
	}
	return nil
}
