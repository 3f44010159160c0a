package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/nn"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// modelSource is the model that a command's argument names, and what its file may not tell.
type modelSource struct {
	path    string
	pooling string
}

// modelHelp says what a command's MODEL may be.
const modelHelp = `MODEL is a model.safetensors or ONNX file that wgpucnn wrote, or a file of
PyTorch that "wgpucnn import" reads. It may be a folder too: the folder of a run
means the run's best variant, the folder of a variant means that variant.
`

// modelFlags adds the flags about a command's model.
func modelFlags(flags *pflag.FlagSet, s *modelSource) {
	flags.StringVar(&s.pooling, "pooling", "", "`variant` of the lab, for a state dict of PyTorch whose shapes do not tell")
}

// checkPooling returns a usage error for a variant that is none of the lab's.
func checkPooling(command, pooling string) error {
	if pooling != "" && !slices.Contains(nn.Poolings, pooling) {
		return fail.Usagef("%s: --pooling %s: want one of %s", command, pooling, strings.Join(nn.Poolings, ","))
	}
	return nil
}

// open reads the model for a command. It makes the path that of the file, and says on chat
// which file of a folder was taken, and on notes what was assumed about the model.
func (s *modelSource) open(command string, chat, notes io.Writer) (*nn.Model, error) {
	file, err := runs.ModelPath(s.path)
	if err != nil {
		return nil, err
	}
	if file != s.path {
		terminal.Say(chat, "model    %s\n", terminal.Printable(file))
	}
	s.path = file
	model, assumed, err := readModel(file, s.pooling)
	if err != nil {
		return nil, err
	}
	sayAssumed(notes, assumed)
	return model, checkVariant(command, s.pooling, file, model)
}

// checkVariant returns a usage error if a model is another variant than a flag says. The file
// of such a model says what it is.
func checkVariant(command, pooling, file string, model *nn.Model) error {
	is := model.Pooling()
	if pooling == "" || pooling == is {
		return nil
	}
	if is == "" {
		is = "none of the lab's networks"
	}
	return fail.Usagef("%s: --pooling %s: %s says that it is %s", command, pooling, file, is)
}

// readModel reads a model's file. What stands in the file tells its format, and pooling what
// a state dict does not. It returns what was assumed about the model too, "" for nothing.
func readModel(path, pooling string) (model *nn.Model, assumed string, err error) {
	file, err := nn.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	model, assumed, err = decodeModel(file, pytorch.LabOptions{Pooling: pooling, Source: filepath.Base(path)})
	var names *pytorch.NamesError
	switch {
	case errors.Is(err, pytorch.ErrPooling):
		err = fmt.Errorf("%w: name one of them by --pooling", err)
	case errors.As(err, &names):
		err = fmt.Errorf("%w: make a model of it: %s%s", err, report.Shell("wgpucnn", "import", path), mapFlag(names))
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return model, assumed, nil
}

// sayAssumed says what was assumed about a model.
func sayAssumed(w io.Writer, assumed string) {
	if assumed != "" {
		terminal.Say(w, "assumed  %s\n", assumed)
	}
}

// decodeModel returns the model of a file of any format, and what was assumed about it.
func decodeModel(file []byte, o pytorch.LabOptions) (model *nn.Model, assumed string, err error) {
	switch {
	case nn.IsSafetensors(file):
		if model, err = nn.Unmarshal(file); !errors.Is(err, nn.ErrForeign) {
			return model, "", err
		}
	case bytes.HasPrefix(file, []byte{8}): // ONNX: the tag of a ModelProto's first field
		model, err = onnx.Unmarshal(file)
		return model, "", err
	}
	return importFile(file, o) // which says what it is that it cannot read
}

// importFile returns the model of a file of PyTorch, and what was assumed about it.
func importFile(file []byte, o pytorch.LabOptions) (*nn.Model, string, error) {
	model, assumed, err := pytorch.Import(file, o)
	if err == nil && model.Version == "" {
		model.Version = version.Program()
	}
	return model, assumed, err
}

// mapFlag returns the flag --map that says which layers are which, as a shell takes it. It leaves
// out the value if the flag cannot have one of the names.
func mapFlag(names *pytorch.NamesError) string {
	text, ok := cmdline.MappingText(names.Layers)
	if !ok {
		return " --map"
	}
	return " --map " + report.Shell(text)
}
