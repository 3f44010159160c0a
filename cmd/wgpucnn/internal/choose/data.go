package choose

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// Source is the data that the flags of a command choose.
type Source struct {
	Data    string // builtin, cifar100, or the path of a folder or a file
	URL     string // of the archive of cifar100, "" for the usual one
	Classes []string
	Split   float64 // share of each class that becomes the test set
	Size    int     // side of pictures, 0 for ModelSize
	Strict  bool    // unreadable pictures are an error

	Seed      uint64 // of Split; the command's own flag
	ModelSize int    // side of pictures as a model takes them, 0 for the default
}

// CacheDir is the folder for downloads and decoded pictures, "" for the user's. Tests replace it.
var CacheDir string

// DataFlags adds the flags that choose the data. without says which classes those are if the user
// chooses none.
func DataFlags(flags *pflag.FlagSet, s *Source, without string) {
	s.Data = "builtin"
	cmdline.PathFlag(flags, &s.Data, "data", "builtin, cifar100, or a `folder`, archive or npz: see \"wgpucnn help datasets\"")
	cmdline.ListFlag(flags, &s.Classes, "classes", nil, "`names` or ids of classes, by commas, or all (default "+without+")")
	flags.StringVar(&s.URL, "url", "", "`address` of the CIFAR-100 archive, where the usual one fails")
	flags.Float64Var(&s.Split, "split", 0, "`share` of each class that becomes the test set, for data without one")
	flags.IntVar(&s.Size, "size", 0, "for pictures: `pixels` of a side, to which each is cropped and resized (default 32, or as a model takes them)")
	flags.BoolVar(&s.Strict, "strict", false, "for pictures: refuse those that cannot be read, instead of leaving them out")
}

// Check returns a usage error for flags that do not fit each other.
func (s Source) Check(command string) error {
	named := slices.Contains(Choices["data"], s.Data)
	switch {
	case s.URL != "" && s.Data != "cifar100":
		return fail.Usagef("%s: --url is for --data cifar100", command)
	case !(s.Split >= 0 && s.Split < 1):
		return fail.Usagef("%s: --split %v: want 0 or more, below 1", command, s.Split)
	case s.Size < 0 || s.Size > dataset.MostSize:
		return fail.Usagef("%s: --size %d: want 1 to %d", command, s.Size, dataset.MostSize)
	case named && (s.Split != 0 || s.Size != 0 || s.Strict):
		return fail.Usagef("%s: --split, --size and --strict are for data of your own: leave them out for --data %s", command, s.Data)
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
// data have them. model may be nil. Open shows on progress what takes long, and how pictures were read. It
// names unreadable pictures on warnings.
func (s Source) Open(ctx context.Context, model []string, progress, warnings io.Writer) (*dataset.Dataset, error) {
	s.Absolute()
	read := meter.Wait(progress, "read "+s.Data)
	t := meter.NewTransfer(progress)
	data, err := dataset.Open(ctx, s.Data, dataset.Options{
		Classes: s.Classes, Model: model, URL: s.URL, CacheDir: CacheDir, Split: s.Split, Seed: s.Seed, Size: s.Size, ModelSize: s.ModelSize, Strict: s.Strict,
		Progress: func(step string, done, total int64) {
			read()
			t.Show(step, done, total)
		},
	})
	read()
	t.Hide()
	if err == nil && data.Reading != nil {
		terminal.Say(progress, "pictures %s\n", describeReading(data.Reading, data.Train))
		for _, line := range unreadable(data.Reading) {
			terminal.Say(warnings, "wgpucnn: %s\n", line)
		}
	}
	return data, err
}

// describeReading says how pictures were read.
func describeReading(r *dataset.Reading, m dataset.Images) string {
	text := fmt.Sprintf("%s of %d x %d, decoded in %.1f s", report.Thousands(r.Pictures), m.Width, m.Height, r.Took.Seconds())
	switch {
	case r.Cached:
		text += " by an earlier call and kept in " + r.Cache
	case r.Cache != "":
		text += " and kept in " + r.Cache
	}
	if r.Ignored > 0 {
		text += fmt.Sprintf("; other files, ignored: %s", report.Thousands(r.Ignored))
	}
	return text
}

// unreadable returns lines about the pictures that cannot be read. The first ones are named.
func unreadable(r *dataset.Reading) []string {
	const named = 3
	count := len(r.Unreadable)
	if count == 0 {
		return nil
	}
	lines := []string{fmt.Sprintf("pictures that cannot be read and are left out: %s of %s; --strict refuses them", report.Thousands(count), report.Thousands(count+r.Pictures))}
	for _, reason := range r.Unreadable[:min(count, named)] {
		lines = append(lines, "  "+strings.TrimSpace(reason))
	}
	if count > named {
		lines = append(lines, fmt.Sprintf("  and %s more", report.Thousands(count-named)))
	}
	return lines
}
