package choose

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
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/onnx"
	"wgpucnn/nn/pytorch"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// Model is the model that a command's argument names, and what its file may not tell.
type Model struct {
	Path    string
	Pooling string
}

// ModelHelp says what a command's MODEL may be.
const ModelHelp = `MODEL is a model.safetensors or ONNX file that wgpucnn wrote, or a file of
PyTorch that "wgpucnn import" reads. It may be a folder too: the folder of a run
means the run's best variant, the folder of a variant means that variant.
`

// ModelFlags adds the flags about a command's model.
func ModelFlags(flags *pflag.FlagSet, m *Model) {
	flags.StringVar(&m.Pooling, "pooling", "", "`variant` of the lab, for a state dict of PyTorch whose shapes do not tell")
}

// ModelArgument parses the flags of a command that takes one model, and returns the model's path.
func ModelArgument(flags *pflag.FlagSet, args []string) (string, error) {
	files, err := cmdline.ParseFiles(flags, args)
	if err != nil {
		return "", err
	}
	return OneModel(flags.Name(), files)
}

// OneModel returns the only one of a command's arguments, the path of a model.
func OneModel(command string, files []string) (string, error) {
	switch {
	case len(files) == 0:
		return "", fail.Usagef("%s: no model: want the file of one", command)
	case len(files) > 1:
		return "", fail.Usagef("%s: unexpected argument %q: want one model", command, files[1])
	}
	return files[0], nil
}

// CheckPooling returns a usage error for a variant that the lab does not have.
func CheckPooling(command, pooling string) error {
	if pooling != "" && !slices.Contains(nn.Poolings, pooling) {
		return fail.Usagef("%s: --pooling %s: want one of %s", command, pooling, strings.Join(nn.Poolings, ","))
	}
	return nil
}

// Open reads the model for a command and makes m.Path the path of its file. It says on chat which
// file of a folder it took, and on notes what it assumed about the model.
func (m *Model) Open(command string, chat, notes io.Writer) (*modelfile.Model, error) {
	file, err := runs.ModelPath(m.Path)
	if err != nil {
		return nil, err
	}
	if file != m.Path {
		terminal.Say(chat, "model    %s\n", terminal.Printable(file))
	}
	m.Path = file
	model, assumed, err := ReadModel(file, m.Pooling)
	if err != nil {
		return nil, err
	}
	SayAssumed(notes, assumed)
	return model, CheckVariant(command, m.Pooling, file, model)
}

// CheckVariant returns a usage error if a model says that it is another variant than a flag says.
func CheckVariant(command, pooling, file string, model *modelfile.Model) error {
	is := model.Pooling()
	if pooling == "" || pooling == is {
		return nil
	}
	if is == "" {
		is = "none of the lab's networks"
	}
	return fail.Usagef("%s: --pooling %s: %s says that it is %s", command, pooling, file, is)
}

// SayAssumed says what was assumed about a model.
func SayAssumed(w io.Writer, assumed string) {
	if assumed != "" {
		terminal.Say(w, "assumed  %s\n", assumed)
	}
}

// ReadModel reads a model's file of any format. pooling tells what a state dict does not. ReadModel
// returns what it assumed about the model too, "" for nothing.
func ReadModel(path, pooling string) (model *modelfile.Model, assumed string, err error) {
	file, err := modelfile.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	model, assumed, err = decode(file, pytorch.LabOptions{Pooling: pooling, Source: filepath.Base(path)})
	var names *pytorch.NamesError
	if errors.As(err, &names) {
		err = fmt.Errorf("%w: make a model of it: %s%s", err, report.Shell("wgpucnn", "import", path), MapFlag(names))
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return model, assumed, nil
}

// decode returns the model of a file, and what was assumed about it. The first bytes tell the
// format.
func decode(file []byte, o pytorch.LabOptions) (model *modelfile.Model, assumed string, err error) {
	switch {
	case modelfile.IsSafetensors(file):
		if model, err = modelfile.Unmarshal(file); !errors.Is(err, modelfile.ErrForeign) {
			return model, "", err
		}
	case bytes.HasPrefix(file, []byte{8}): // ONNX: the tag of a ModelProto's first field
		model, err = onnx.Unmarshal(file)
		return model, "", err
	}
	return Import(file, o) // names any format that it cannot read
}

// Import returns the model of a file of PyTorch, and what was assumed about it.
func Import(file []byte, o pytorch.LabOptions) (*modelfile.Model, string, error) {
	model, assumed, err := pytorch.Import(file, o)
	if errors.Is(err, pytorch.ErrPooling) {
		err = fmt.Errorf("%w: name one of them by --pooling", err)
	}
	if err == nil && model.Version == "" {
		model.Version = version.Program()
	}
	return model, assumed, err
}

// MapFlag returns the flag --map that says which layers are which, as a shell takes it. It leaves
// out the value if the flag cannot have one of the names.
func MapFlag(names *pytorch.NamesError) string {
	text, ok := cmdline.MappingText(names.Layers)
	if !ok {
		return " --map"
	}
	return " --map " + report.Shell(text)
}
