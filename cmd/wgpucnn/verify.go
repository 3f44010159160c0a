package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/meter"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/cmd/wgpucnn/internal/version"
	"wgpucnn/engine"
	"wgpucnn/nn/report"
	"wgpucnn/nn/verify"

	"github.com/spf13/pflag"
)

// verifySettings are the values of verify's flags.
type verifySettings struct {
	adapter   engine.Options
	limits    string // one of choose.Choices
	all, json bool
	report    string
	list      bool
	reproduce string
	verify.Selection
}

// faultReport is the file of the report if something failed and the user named no file.
const faultReport = "wgpucnn-verify.json"

func verifyFlags(s *verifySettings) *pflag.FlagSet {
	flags := cmdline.New("verify")
	choose.AdapterFlags(flags, &s.adapter)
	flags.StringVar(&s.limits, "limits", choose.LimitsAdapter, "`whose` limits the kernels keep to: adapter, or default, the least that WebGPU promises")
	flags.BoolVar(&s.all, "all", false, "verify every adapter, one after another")
	flags.BoolVar(&s.json, "json", false, "print the report as JSON instead of the table")
	cmdline.PathFlag(flags, &s.report, "report", "`file` for the report (default "+faultReport+", where something failed)")
	cmdline.ListFlag(flags, &s.Parts, "op", nil, "verify these `parts` alone, by the names that --list prints")
	flags.StringVar(&s.Case, "case", "", "verify the case of that name alone, or else those with this `text` in their names")
	flags.BoolVar(&s.list, "list", false, "list the parts, or with --op or --case the cases, and verify nothing")
	cmdline.PathFlag(flags, &s.reproduce, "reproduce", "new `folder` for a reproduction of each part that fails")
	return flags
}

func verifyHelp() string {
	var s verifySettings
	return `wgpucnn verify proves on your adapter that every shader computes what it should.

usage: wgpucnn verify [FLAG]...

Each kernel runs over hundreds of shapes and is compared with the same operation
in float64 on the CPU; whole networks run with their layers fused and apart; the
lab's four models are trained for twenty steps, which must give PyTorch's losses
and weights. Everything runs twice and must give the same bits. Errors are shown
in units of their tolerance: above 1 is a failure.

With --limits default, workgroups, bindings and buffers are no larger than WebGPU
lets every program have: 8 buffers a kernel, 256 invocations and 16 KiB a
workgroup, 128 MiB a binding. Cases that need more are skipped and named.

It takes some minutes, most of them for compiling: each case has kernels of its
own. The exit status is 1 where anything fails.

A case that fails prints the command that repeats it. Of each part that fails, a
case is made smaller as long as the same values are wrong. With --reproduce a
folder gets its WGSL as the driver compiles it, and its inputs, expected and found
values as JSON and binary: the maker of the driver needs nothing else.

` + manual.Flags(verifyFlags(&s)) + `
  wgpucnn verify                        the best adapter
  wgpucnn verify --all --report all.json
  wgpucnn verify --limits default       what every adapter can run
  wgpucnn verify --list --op conv2d     the names of the cases
  wgpucnn verify --op conv2d,sgd --reproduce fault
`
}

// verifyAdapters runs the suite on the adapters that the flags choose.
func verifyAdapters(ctx context.Context, args []string, out streams) error {
	var s verifySettings
	if err := cmdline.Parse(verifyFlags(&s), args); err != nil {
		return err
	}
	if s.all && s.adapter.Adapter != "" {
		return fail.Usagef("verify: --all and --adapter: want one of them")
	}
	if !slices.Contains(choose.Choices["limits"], s.limits) {
		return fail.Usagef("verify: --limits %s: want adapter or default", s.limits)
	}
	if err := cmdline.CheckFile("verify: --report", s.report); err != nil {
		return err
	}
	listing, err := s.List()
	if err != nil {
		return fail.Usagef("verify: --%v", err)
	}
	if s.list {
		return s.show(listing, out.out)
	}
	if err := s.checkReproduce(); err != nil {
		return err
	}
	chosen, err := s.options()
	if err != nil {
		return err
	}
	chat := out.out
	if s.json {
		chat = io.Discard
	}
	r := verify.Report{Version: version.Program(), Go: runtime.Version(), WGPU: version.WGPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Time: time.Now().Round(time.Second)}
	for _, o := range chosen {
		one, err := s.verifyAdapter(ctx, o, chat, out.err)
		if err != nil && s.all && ctx.Err() == nil {
			one.Adapter.Name, one.Error = "adapter "+o.Adapter, err.Error()
			terminal.Say(chat, "%s  %v\n\n", one.Adapter.Name, err)
		} else if err != nil {
			return err
		}
		r.Adapters = append(r.Adapters, one)
	}
	return s.finish(r, out)
}

// options returns the options that open each adapter.
func (s verifySettings) options() ([]engine.Options, error) {
	chosen, err := choose.AdapterOptions("verify", s.adapter, s.all)
	for i := range chosen {
		chosen[i].DefaultLimits = s.limits == choose.LimitsDefault
	}
	return chosen, err
}

// show prints the parts with the numbers of their cases or, of a selection, the names of the cases.
func (s verifySettings) show(listing []verify.Listing, out io.Writer) error {
	if s.json || s.all || s.report != "" || s.reproduce != "" {
		return fail.Usagef("verify: --list: want --op and --case beside it alone")
	}
	named := len(s.Parts) > 0 || s.Case != ""
	if !named {
		fmt.Fprintln(out, "  part           cases")
	}
	for _, l := range listing {
		if !named {
			fmt.Fprintf(out, "  %-14s %5d\n", l.Part, len(l.Cases))
			continue
		}
		fmt.Fprintf(out, "%s\n", l.Part)
		for _, name := range l.Cases {
			fmt.Fprintf(out, "  %s\n", name)
		}
	}
	return nil
}

// checkReproduce returns an error if the folder for reproductions is no new one.
func (s verifySettings) checkReproduce() error {
	if s.reproduce == "" {
		return nil
	}
	if _, err := os.Lstat(s.reproduce); err == nil {
		return fmt.Errorf("verify: --reproduce %s: that exists already: want a new folder", s.reproduce)
	}
	return cmdline.CheckFile("verify: --reproduce", s.reproduce)
}

// repeating returns the command that verifies on the adapter that o opens.
func repeating(o engine.Options) []string {
	words := []string{"wgpucnn", "verify"}
	if o.Adapter != "" {
		words = append(words, "--adapter", o.Adapter)
	}
	if o.Backend != "" {
		words = append(words, "--backend", o.Backend)
	}
	if o.DefaultLimits {
		words = append(words, "--limits", choose.LimitsDefault)
	}
	return words
}

// verifyAdapter runs the suite on one adapter.
func (s verifySettings) verifyAdapter(ctx context.Context, o engine.Options, chat, progress io.Writer) (verify.AdapterReport, error) {
	devices, err := openDevices(o)
	if err != nil {
		return verify.AdapterReport{}, err
	}
	defer func() {
		for _, dev := range devices {
			dev.Release()
		}
	}()
	one := verify.AdapterReport{Adapter: devices[0].Adapter()}
	choose.ShowAdapter(chat, progress, o, one.Adapter)
	if o.DefaultLimits {
		terminal.Say(chat, "limits   WebGPU's defaults\n")
	}
	terminal.Say(chat, "\n%s\n", verify.Heading)
	m := meter.New(progress)
	defer m.Hide()
	options := verify.Options{Selection: s.Selection, Command: repeating(o), Reproduce: s.reproduce}
	if s.all && s.reproduce != "" {
		options.Reproduce = filepath.Join(s.reproduce, "adapter"+o.Adapter)
	}
	one.Results, err = verify.Run(ctx, devices, options, verify.Observer{
		Case: m.Count,
		Part: func(r verify.Result) {
			m.Hide()
			fmt.Fprintln(chat, judged(chat, r.String(), r.Verdict(), len(r.Failed)))
		},
	})
	if err != nil {
		return one, err
	}
	fmt.Fprintf(chat, "\n%s\n\n", judged(chat, one.Summary(), one.Verdict(), one.Failed()))
	return one, nil
}

// judged returns a text whose first line ends with a verdict. It gives the verdict its color.
func judged(out io.Writer, text, verdict string, failed int) string {
	color := terminal.Green
	if failed > 0 {
		color = terminal.Red
	}
	line, findings, more := strings.Cut(text, "\n")
	line = strings.TrimSuffix(line, verdict) + color.Paint(out, verdict)
	if more {
		line += "\n" + findings
	}
	return line
}

// openDevices opens an adapter once for each core, because drivers compile on the CPU and compiling
// takes most of the time. If the driver refuses a further device, those that it gave are enough.
func openDevices(o engine.Options) ([]*engine.Device, error) {
	var devices []*engine.Device
	for len(devices) < min(runtime.NumCPU(), mostDevices) {
		dev, err := choose.Adapter("verify", o)
		if err != nil && len(devices) == 0 {
			return nil, err
		}
		if err != nil {
			break
		}
		devices = append(devices, dev)
	}
	return devices, nil
}

// mostDevices is the greatest number of devices. It bounds their memory.
const mostDevices = 8

// finish writes the report if it is wanted. It returns an error if anything failed.
func (s verifySettings) finish(r verify.Report, out streams) error {
	var err error
	failed := r.Failed()
	if s.report == "" && failed > 0 {
		s.report = faultReport
	}
	if failed > 0 {
		err = fmt.Errorf("verify: %d failed: do not trust this adapter's results; please report it and attach %s", failed, s.report)
	}
	if s.json {
		err = fail.Then(err, printJSON(out.out, r))
	}
	if s.report != "" {
		err = fail.Then(err, report.WriteJSON(s.report, r))
	}
	return err
}
