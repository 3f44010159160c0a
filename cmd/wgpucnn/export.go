package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/nn"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"

	"github.com/spf13/pflag"
)

// exportSettings are the values of export's flags.
type exportSettings struct {
	model        choose.Model
	onnx, pt     string
	opset, batch int
	fold         bool
}

func exportFlags(s *exportSettings) *pflag.FlagSet {
	flags := cmdline.New("export")
	choose.ModelFlags(flags, &s.model)
	cmdline.PathFlag(flags, &s.onnx, "onnx", "ONNX `file` to write: the whole network, bytes in, logits out")
	cmdline.PathFlag(flags, &s.pt, "pt", "`file` to write for torch.load: the state dict, with a .py beside it")
	flags.IntVar(&s.opset, "opset", onnx.OldestOpset, "operator set of the ONNX file")
	flags.IntVar(&s.batch, "fixed-batch", 0, "batch `size` that the ONNX file is bound to (default any)")
	flags.BoolVar(&s.fold, "fold", false, "make each BatchNorm2d behind a convolution part of its weights")
	return flags
}

func exportHelp() string {
	var s exportSettings
	return `wgpucnn export writes a model for other programs: as ONNX, or for PyTorch.

usage: wgpucnn export MODEL --onnx FILE | --pt FILE [FLAG]...

` + choose.ModelHelp + `
` + manual.Flags(exportFlags(&s)) + `
A file that exists already is replaced, as a whole or not at all. Links, devices
and Python files that wgpucnn did not write are not replaced.

The state dict is an OrderedDict of conv1.weight, conv1.bias and so on, which
torch.load(FILE, weights_only=True) returns. The file also says what the network
is, for "wgpucnn import", which reads it whole. --pt model.pt writes model.py
too: the network in torch.nn, with its normalisation and its class names.

With --fold the files have fewer layers and give the same logits, up to rounding.

  import model
  net = model.load()
  logits = net(images)  # (N, 32, 32, 3), 0 to 255, as predict takes them

  wgpucnn export runs/one/best/model.safetensors --onnx model.onnx --opset 17
  wgpucnn export runs/one --pt model.pt
`
}

// maxFixedBatch is the greatest --fixed-batch. train has the same bound for --batch.
const maxFixedBatch = 1 << 20

// export writes a model in other formats.
func export(_ context.Context, args []string, out streams) error {
	var s exportSettings
	flags := exportFlags(&s)
	var err error
	if s.model.Path, err = choose.ModelArgument(flags, args); err != nil {
		return err
	}
	if err := s.check(flags); err != nil {
		return err
	}
	model, err := s.model.Open("export", out.err, out.err)
	if err != nil {
		return err
	}
	if s.fold {
		model.Network, model.State = nn.Fold(model.Network, model.State)
	}
	files, err := s.marshal(model)
	if err != nil {
		return fmt.Errorf("%s: %w", s.model.Path, err)
	}
	return writeFiles(files, out.out)
}

// writeFiles writes files and prints their paths. An error names the files that were written before.
func writeFiles(files []exported, out io.Writer) error {
	var written []string
	for _, file := range files {
		if err := durable.Write(file.path, file.data); err != nil {
			if len(written) > 0 {
				err = fmt.Errorf("%w; written before it: %s", err, strings.Join(written, ", "))
			}
			return err
		}
		written = append(written, file.path)
		fmt.Fprintln(out, file.path)
	}
	return nil
}

// exported is a file to write.
type exported struct {
	path string
	data []byte
}

// marshal returns the files that the flags ask for.
func (s exportSettings) marshal(model *modelfile.Model) ([]exported, error) {
	var files []exported
	if s.onnx != "" {
		data, err := onnx.Marshal(model, onnx.Options{Opset: s.opset, Batch: s.batch})
		if err != nil {
			return nil, err
		}
		files = append(files, exported{s.onnx, data})
	}
	if s.pt != "" {
		weights, err := pytorch.Marshal(model)
		if err != nil {
			return nil, err
		}
		script, err := pytorch.Script(model, s.pt)
		if err != nil {
			return nil, err
		}
		files = append(files, exported{s.pt, weights}, exported{s.script(), script})
	}
	return files, nil
}

// check returns an error for flags that are wrong for every model.
func (s exportSettings) check(flags *pflag.FlagSet) error {
	switch {
	case s.onnx == "" && s.pt == "":
		return fail.Usagef("export: no file to write: want --onnx, --pt or both")
	case s.onnx == s.pt:
		return fail.Usagef("export: --onnx and --pt %s: want two files", s.pt)
	case strings.EqualFold(filepath.Ext(s.pt), ".py"):
		return fail.Usagef("export: --pt %s: that is the name of the Python file beside it: want another ending, such as .pt", s.pt)
	case s.pt != "" && filepath.Clean(s.script()) == filepath.Clean(s.onnx):
		return fail.Usagef("export: --onnx %s: that is the name of the Python file beside --pt %s: want another", s.onnx, s.pt)
	case filepath.Base(s.script()) == "torch.py":
		return fail.Usagef("export: --pt %s: torch.py beside it would hide PyTorch from Python: want another name", s.pt)
	case s.opset < onnx.OldestOpset || s.opset > onnx.NewestOpset:
		return fail.Usagef("export: --opset %d: want %d to %d", s.opset, onnx.OldestOpset, onnx.NewestOpset)
	case flags.Changed("fixed-batch") && (s.batch < 1 || s.batch > maxFixedBatch):
		return fail.Usagef("export: --fixed-batch %d: want 1 to %d", s.batch, maxFixedBatch)
	}
	if err := choose.CheckPooling("export", s.model.Pooling); err != nil {
		return err
	}
	for _, name := range []string{"opset", "fixed-batch"} {
		if flags.Changed(name) && s.onnx == "" {
			return fail.Usagef("export: --%s is for --onnx", name)
		}
	}
	for _, file := range [][2]string{{"export: --onnx", s.onnx}, {"export: --pt", s.pt}, {"export: --pt", s.script()}} {
		flag, path := file[0], file[1]
		if err := cmdline.CheckFile(flag, path); err != nil {
			return err
		}
		if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s %s: that is a link or a device: want a file", flag, path)
		}
	}
	if file, err := os.ReadFile(s.script()); err == nil && !pytorch.IsScript(file) {
		return fmt.Errorf("export: --pt %s: %s is there, and wgpucnn did not write it: choose another name", s.pt, s.script())
	}
	return nil
}

// script returns the path of the Python file beside the state dict, or "".
func (s exportSettings) script() string {
	if s.pt == "" {
		return ""
	}
	return pytorch.ScriptPath(s.pt)
}
