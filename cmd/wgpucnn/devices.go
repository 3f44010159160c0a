package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn/report"

	"github.com/spf13/pflag"
)

// devicesSettings are the values of devices' flags.
type devicesSettings struct {
	backend string
	json    bool
}

func devicesFlags(s *devicesSettings) *pflag.FlagSet {
	flags := cmdline.New("devices")
	choose.BackendFlag(flags, &s.backend)
	flags.BoolVar(&s.json, "json", false, "print a JSON array instead of the list")
	return flags
}

func devicesHelp() string {
	var s devicesSettings
	return `wgpucnn devices lists the adapters of this machine, by the numbers that
--adapter takes.

usage: wgpucnn devices [FLAG]...

` + manual.Flags(devicesFlags(&s)) + `
  wgpucnn devices
  wgpucnn devices --backend gl --json
`
}

// devices lists the adapters.
func devices(_ context.Context, args []string, out streams) error {
	var s devicesSettings
	if err := cmdline.Parse(devicesFlags(&s), args); err != nil {
		return err
	}
	adapters, by, err := choose.Adapters("devices", s.backend)
	if err != nil {
		return err
	}
	choose.WarnOfDrivers(out.err, s.backend, adapters[0])
	if s.json {
		return printJSON(out.out, adapters)
	}
	for i, a := range adapters {
		describeAdapter(out.out, i, a)
	}
	if by != "" {
		terminal.Say(out.out, "\n%s chose the backend.\n", by)
	}
	if !slices.ContainsFunc(adapters, func(a engine.Adapter) bool { return a.Type != engine.CPU }) {
		hint := `"wgpucnn doctor" tells why, and what to do if this machine has a GPU.`
		if runtime.GOOS == "js" {
			hint = "If this machine has a GPU, turn on hardware acceleration in the settings of the browser."
		}
		terminal.Say(out.out, "%s", terminal.Reflow("\nOnly software adapters: they compute on the CPU. "+hint+"\n", terminal.Columns(out.out)))
	}
	return nil
}

// describeAdapter prints an adapter by its number.
func describeAdapter(out io.Writer, number int, a engine.Adapter) {
	line := func(name, format string, args ...any) {
		terminal.Say(out, "   %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	l := a.Limits
	terminal.Say(out, "%d: %s\n", number, a.Name)
	line("type", "%s", a.Type)
	line("backend", "%s", a.Backend)
	if a.Driver != "" {
		line("driver", "%s", a.Driver)
	}
	line("a buffer", "%s, %s of it in a binding", report.Binary(l.BufferSize), report.Binary(l.BindingSize))
	line("a kernel", "%d storage buffers, %d workgroups a dimension", l.StorageBuffers, l.WorkgroupsPerAxis)
	line("workgroup", "%d invocations, %s of memory", l.WorkgroupSize, report.Binary(uint64(l.WorkgroupStorage)))
}
