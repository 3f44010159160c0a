package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/runs"

	"github.com/spf13/pflag"
)

func reportFlags(out *string) *pflag.FlagSet {
	flags := cmdline.New("report")
	cmdline.PathFlag(flags, out, "out", "`file` to write (default RUN/report.html, or report.html here for several runs)")
	return flags
}

func reportHelp() string {
	var out string
	return `wgpucnn report makes the page of a run again, or one that compares several runs.

usage: wgpucnn report RUN... [FLAG]...

A RUN is the folder that "wgpucnn train" left. The page is one HTML file, which
needs nothing beside it. It shows the variants side by side, and tests them row
by row where they have the same test pictures (McNemar's exact test). Then come
the curves. For each network there are its confusion matrices, the test images
that it classifies wrongly, its filters and its layers. At the end stand the
settings and the command that repeats the run. An older page is replaced. The
command needs neither an adapter nor the data. If a run ended without its
summary, the command makes one of the variants that are done.

` + manual.Flags(reportFlags(&out)) + `
  wgpucnn report runs/one
  wgpucnn report runs/one runs/two --out comparison.html
`
}

// reportRuns writes the page of the runs that args name.
func reportRuns(_ context.Context, args []string, out streams) error {
	var file string
	folders, err := cmdline.ParseFiles(reportFlags(&file), args)
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return fail.Usagef("report: no run: want the folder of one or more")
	}
	for i, folder := range folders {
		folders[i] = filepath.Clean(folder)
		if slices.Contains(folders[:i], folders[i]) {
			return fail.Usagef("report: %s stands there twice", folder)
		}
	}
	if err := cmdline.CheckFile("report: --out", file); err != nil {
		return err
	}
	switch {
	case file != "":
	case len(folders) == 1:
		file = filepath.Join(folders[0], runs.PageFile)
	default:
		file = runs.PageFile
	}
	for _, folder := range folders {
		if err := mendSummary(folder, out.err); err != nil {
			return fmt.Errorf("report: %s: %w", folder, err)
		}
	}
	if err := runs.WritePage(file, folders); err != nil {
		return err
	}
	fmt.Fprintln(out.out, file)
	return nil
}

// mendSummary writes the summary of a run that ended without it.
func mendSummary(folder string, warnings io.Writer) error {
	config, err := runs.ReadConfig(folder)
	var s *settings
	if err == nil {
		s, _, err = settingsOf(config)
	}
	if err == nil {
		return runs.MendSummary(folder, config, s.names(), warnings)
	}
	if _, missing := runs.ReadSummary(folder); missing == nil {
		return nil // the run of another version has what its page needs
	}
	return err
}
