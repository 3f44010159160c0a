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
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/report/page"

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

Runs that are parts of one, made by train --shard or from other --seeds, become
one run: a page, and beside it summary.json and summary.md, which compare the
networks over all seeds.

` + manual.Flags(reportFlags(&out)) + `
  wgpucnn report runs/one
  wgpucnn report runs/one runs/two --out comparison.html
  wgpucnn report runs/part-1 runs/part-2 runs/part-3 --out runs/report.html
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
	run, parts, err := runs.ReadParts(folders, filepath.Dir(file))
	if err != nil {
		return err
	}
	if parts {
		return reportParts(file, run, folders, out)
	}
	if err := runs.WritePage(file, folders); err != nil {
		return err
	}
	fmt.Fprintln(out.out, file)
	return nil
}

// reportParts writes the page and the summary of a run whose parts lie in several folders, and shows the
// comparison.
func reportParts(file string, run page.Run, folders []string, out streams) error {
	if missing := runs.MissingParts(folders); missing != "" {
		fmt.Fprintf(out.err, "wgpucnn: parts %s are missing: the comparison is without them\n", missing)
	}
	if err := runs.WriteParts(file, run); err != nil {
		return err
	}
	if columns := terminal.Columns(out.out); run.Summary.Networks() != nil {
		terminal.Say(out.out, "%s\n", run.Summary.SeedTables(columns))
	} else {
		terminal.Say(out.out, "%s\n", run.Summary.Table(columns))
	}
	terminal.Say(out.out, "%s\n", run.Summary.Choice())
	if caution := run.Summary.Caution(); caution != "" {
		terminal.Say(out.out, "%s\n", caution)
	}
	terminal.Say(out.out, "\n%s\n%s\n%s\n", file, filepath.Join(filepath.Dir(file), runs.SummaryFile), filepath.Join(filepath.Dir(file), runs.MarkdownFile))
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
