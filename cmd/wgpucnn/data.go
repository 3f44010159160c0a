package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// source is the data that the flags of a command choose.
type source struct {
	data, url string
	classes   []string
}

// dataFlags lets the user choose the data. without says which classes those are that
// nobody chose.
func dataFlags(flags *pflag.FlagSet, s *source, without string) {
	s.data = "builtin"
	cmdline.PathFlag(flags, &s.data, "data", "builtin, cifar100, or a `folder` in CIFAR-100's python layout")
	cmdline.ListFlag(flags, &s.classes, "classes", nil, "`names` or ids of classes, by commas (default "+without+")")
	flags.StringVar(&s.url, "url", "", "`address` of the CIFAR-100 archive, where the usual one fails")
}

// absolute makes the path of a folder mean the same in every current folder.
func (s *source) absolute() {
	if !slices.Contains(choices["data"], s.data) {
		s.data = cmdline.Absolute(s.data)
	}
}

func checkData(command string, s source) error {
	if s.url != "" && s.data != "cifar100" {
		return fail.Usagef("%s: --url is for --data cifar100", command)
	}
	return nil
}

// openData brings the data into memory: without a choice of classes those of a model,
// which may be nil, where the data have them. It shows on progress what takes long.
func openData(ctx context.Context, s source, model []string, progress io.Writer) (*dataset.Dataset, error) {
	s.absolute()
	read := meter.Wait(progress, "read "+s.data)
	t := meter.NewTransfer(progress)
	data, err := dataset.Open(ctx, s.data, dataset.Options{Classes: s.classes, Model: model, URL: s.url, Progress: func(step string, done, total int64) {
		read()
		t.Show(step, done, total)
	}})
	read()
	t.Hide()
	return data, err
}

// countClasses returns the classes of a data set with their rows, of which some of the
// training rows may have been held out.
func countClasses(d *dataset.Dataset, held dataset.Images) []report.Class {
	n := len(d.Classes)
	train, validation, test := d.Train.Counts(n), held.Counts(n), d.Test.Counts(n)
	var classes []report.Class
	for i, name := range d.Classes {
		classes = append(classes, report.Class{Name: name, Train: train[i], Validation: validation[i], Test: test[i]})
	}
	return classes
}

// describeData returns a data set in a line.
func describeData(name string, classes []report.Class) string {
	var train, validation, test int
	for _, c := range classes {
		train, validation, test = train+c.Train, validation+c.Validation, test+c.Test
	}
	rows := report.Thousands(train) + " train + "
	if validation > 0 {
		rows += report.Thousands(validation) + " validation + "
	}
	var each []string
	for _, c := range classes {
		counts := fmt.Sprintf("%d+%d", c.Train, c.Test)
		if validation > 0 {
			counts = fmt.Sprintf("%d+%d+%d", c.Train, c.Validation, c.Test)
		}
		each = append(each, c.Name+" "+counts)
	}
	return fmt.Sprintf("%s, %s%s test: %s", name, rows, report.Thousands(test), strings.Join(each, ", "))
}
