package main

import (
	"context"
	"fmt"
	"os"

	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// exportSettings are what export's flags say.
type exportSettings struct {
	model        modelSource
	onnx, pt     string
	opset, batch int
}

func exportFlags(s *exportSettings) *pflag.FlagSet {
	flags := newFlags("export")
	modelFlags(flags, &s.model)
	flags.StringVar(&s.onnx, "onnx", "", "ONNX `file` to write: the whole network, bytes in, logits out")
	flags.StringVar(&s.pt, "pt", "", "`file` to write for torch.load: the state dict")
	flags.IntVar(&s.opset, "opset", onnx.OldestOpset, "operator set of the ONNX file")
	flags.IntVar(&s.batch, "fixed-batch", 0, "batch `size` that the ONNX file is bound to (default any)")
	return flags
}

func exportHelp() string {
	var s exportSettings
	return `wgpucnn export writes a model for other programs: as ONNX, or for PyTorch.

usage: wgpucnn export MODEL --onnx FILE | --pt FILE [FLAG]...

` + modelHelp + `
` + usages(exportFlags(&s)) + `
A file that exists already is replaced, as a whole or not at all; no link or
device is.

The state dict is an OrderedDict of conv1.weight, conv1.bias and so on, which
torch.load(FILE, weights_only=True) returns. It fits an nn.Sequential whose
layers have these names, without the normalisation, which has no weights. The
file also says what the network is, for "wgpucnn import", which reads it whole.

  wgpucnn export runs/one/best/model.safetensors --onnx model.onnx --opset 17
  wgpucnn export runs/one --pt model.pt
`
}

// maxFixedBatch bounds --fixed-batch, as --batch is in train.
const maxFixedBatch = 1 << 20

// export writes a model in other formats.
func export(_ context.Context, args []string, out streams) error {
	var s exportSettings
	flags := exportFlags(&s)
	var err error
	if s.model.path, err = parseModel(flags, args); err != nil {
		return err
	}
	if err := s.check(flags); err != nil {
		return err
	}
	model, err := s.model.open("export", out.err)
	if err != nil {
		return err
	}
	for _, format := range []struct {
		path    string
		marshal func() ([]byte, error)
	}{
		{s.onnx, func() ([]byte, error) { return onnx.Marshal(model, onnx.Options{Opset: s.opset, Batch: s.batch}) }},
		{s.pt, func() ([]byte, error) { return pytorch.Marshal(model) }},
	} {
		if format.path == "" {
			continue
		}
		file, err := format.marshal()
		if err != nil {
			return fmt.Errorf("%s: %w", s.model.path, err)
		}
		if err := report.WriteFile(format.path, file); err != nil {
			return err
		}
		fmt.Fprintln(out.out, format.path)
	}
	return nil
}

// check returns an error for what makes no sense, whatever the model.
func (s exportSettings) check(flags *pflag.FlagSet) error {
	switch {
	case s.onnx == "" && s.pt == "":
		return usagef("export: no file to write: want --onnx, --pt or both")
	case s.onnx == s.pt:
		return usagef("export: --onnx and --pt %s: want two files", s.pt)
	case s.opset < onnx.OldestOpset || s.opset > onnx.NewestOpset:
		return usagef("export: --opset %d: want %d to %d", s.opset, onnx.OldestOpset, onnx.NewestOpset)
	case flags.Changed("fixed-batch") && (s.batch < 1 || s.batch > maxFixedBatch):
		return usagef("export: --fixed-batch %d: want 1 to %d", s.batch, maxFixedBatch)
	}
	if err := checkPooling("export", s.model.pooling); err != nil {
		return err
	}
	for _, name := range []string{"opset", "fixed-batch"} {
		if flags.Changed(name) && s.onnx == "" {
			return usagef("export: --%s is for --onnx", name)
		}
	}
	for _, file := range [][2]string{{"export: --onnx", s.onnx}, {"export: --pt", s.pt}} {
		flag, path := file[0], file[1]
		if err := checkFolder(flag, path); err != nil {
			return err
		}
		if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s %s: that is a link or a device: want a file", flag, path)
		}
	}
	return nil
}
