package main

import (
	"context"
	"fmt"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/dataset"
	"wgpucnn/nn/durable"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// sheetEach is the number of pictures of each class on a contact sheet.
const sheetEach = 10

// showSettings are the values of data's flags.
type showSettings struct {
	source choose.Source
	sheet  string
	json   bool
}

func showFlags(s *showSettings) *pflag.FlagSet {
	flags := cmdline.New("data")
	choose.DataFlags(flags, &s.source, "as for train")
	flags.Uint64Var(&s.source.Seed, "seed", 0, "seed of --split")
	cmdline.PathFlag(flags, &s.sheet, "sheet", "PNG `file` for the first pictures of each class, enlarged")
	flags.BoolVar(&s.json, "json", false, "print one JSON object instead of the tables")
	return flags
}

func showHelp() string {
	var s showSettings
	return `wgpucnn data shows a data set: how many pictures of each class there are, and
how bright they are.

usage: wgpucnn data [FLAG]...

Mean and standard deviation are those of each channel over all pixels of the
training rows, which lie between 0 and 1. Beside them stand the numbers that the
lab normalises with, whatever the data.

` + manual.Flags(showFlags(&s)) + `
  wgpucnn data --sheet builtin.png
  wgpucnn data --data photos --split 0.2 --size 64 --sheet photos.png
  wgpucnn data --data cifar100 --classes rose,tulip,orchid --sheet flowers.png
  wgpucnn data --data DIR --classes 1,4,8 --json
`
}

// shownData is what "data" shows of a data set.
type shownData struct {
	Data     string         `json:"data"`
	Height   int            `json:"height"`
	Width    int            `json:"width"`
	Classes  []report.Class `json:"classes"`
	Channels []channel      `json:"channels"`
}

// channel is the brightness of a channel over the training rows, between 0 and 1.
type channel struct {
	Name    string  `json:"name"`
	Mean    float64 `json:"mean"`
	Std     float64 `json:"std"`
	LabMean float32 `json:"lab_mean"`
	LabStd  float32 `json:"lab_std"`
}

// showData shows the data set that the flags choose.
func showData(ctx context.Context, args []string, out streams) error {
	var s showSettings
	if err := cmdline.Parse(showFlags(&s), args); err != nil {
		return err
	}
	if err := s.source.Check("data"); err != nil {
		return err
	}
	if err := cmdline.CheckFile("data: --sheet", s.sheet); err != nil {
		return err
	}
	data, err := s.source.Open(ctx, nil, out.err, out.err)
	if err != nil {
		return err
	}
	if s.sheet != "" {
		sheet, err := report.ContactSheet(data.Train, data.Classes, sheetEach)
		if err != nil {
			return err
		}
		if err := durable.Write(s.sheet, sheet); err != nil {
			return err
		}
	}
	shown := newShownData(data)
	if s.json {
		return printJSON(out.out, shown)
	}
	terminal.Say(out.out, "%v", shown)
	return nil
}

func newShownData(d *dataset.Dataset) shownData {
	shown := shownData{Data: d.Name, Height: d.Train.Height, Width: d.Train.Width, Classes: countClasses(d, dataset.Images{})}
	mean, std := d.Train.Moments()
	names, lab := []string{"red", "green", "blue"}, nn.LabNormalizeFor(d.Train.Channels)
	if d.Train.Channels == 1 {
		names = []string{"grey"}
	}
	for i, name := range names {
		shown.Channels = append(shown.Channels, channel{name, mean[i], std[i], lab.Mean[i], lab.Std[i]})
	}
	return shown
}

// String returns the data set as two tables.
func (d shownData) String() string {
	classes := [][]string{{"class", "train", "test"}}
	var train, test int
	for _, c := range d.Classes {
		classes = append(classes, []string{c.Name, report.Thousands(c.Train), report.Thousands(c.Test)})
		train, test = train+c.Train, test+c.Test
	}
	classes = append(classes, []string{"all", report.Thousands(train), report.Thousands(test)})
	channels := [][]string{{"channel", "mean", "std", "lab's mean", "lab's std"}}
	for _, c := range d.Channels {
		cells := []string{c.Name}
		for _, v := range []float64{c.Mean, c.Std, float64(c.LabMean), float64(c.LabStd)} {
			cells = append(cells, fmt.Sprintf("%.4f", v))
		}
		channels = append(channels, cells)
	}
	first := func(column int) bool { return column == 0 }
	return strings.Join([]string{
		fmt.Sprintf("data     %s, pictures of %d x %d\n", d.Data, d.Height, d.Width),
		terminal.Indent(report.Align(classes, first)),
		terminal.Indent(report.Align(channels, first)),
	}, "\n")
}
