package choose

import (
	"context"
	"io"
	"slices"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/nn/dataset"

	"github.com/spf13/pflag"
)

// Source is the data that the flags of a command choose.
type Source struct {
	Data    string // builtin, cifar100 or a folder
	URL     string // of the archive of cifar100, "" for the usual one
	Classes []string
}

// DataFlags adds the flags that choose the data. without says which classes those are if the user
// chooses none.
func DataFlags(flags *pflag.FlagSet, s *Source, without string) {
	s.Data = "builtin"
	cmdline.PathFlag(flags, &s.Data, "data", "builtin, cifar100, or a `folder` in CIFAR-100's python layout")
	cmdline.ListFlag(flags, &s.Classes, "classes", nil, "`names` or ids of classes, by commas (default "+without+")")
	flags.StringVar(&s.URL, "url", "", "`address` of the CIFAR-100 archive, where the usual one fails")
}

// Check returns a usage error for flags that do not fit each other.
func (s Source) Check(command string) error {
	if s.URL != "" && s.Data != "cifar100" {
		return fail.Usagef("%s: --url is for --data cifar100", command)
	}
	return nil
}

// Absolute makes the path of a folder mean the same in every current folder.
func (s *Source) Absolute() {
	if !slices.Contains(Choices["data"], s.Data) {
		s.Data = cmdline.Absolute(s.Data)
	}
}

// Open brings the data into memory. If the user chose no classes, it takes those of a model if the
// data have them. model may be nil. Open shows on progress what takes long.
func (s Source) Open(ctx context.Context, model []string, progress io.Writer) (*dataset.Dataset, error) {
	s.Absolute()
	read := meter.Wait(progress, "read "+s.Data)
	t := meter.NewTransfer(progress)
	data, err := dataset.Open(ctx, s.Data, dataset.Options{Classes: s.Classes, Model: model, URL: s.URL, Progress: func(step string, done, total int64) {
		read()
		t.Show(step, done, total)
	}})
	read()
	t.Hide()
	return data, err
}
