package doctor

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn/report"
)

// Print shows a diagnosis on a page.
func (d Diagnosis) Print(out io.Writer) {
	line := func(name, format string, args ...any) {
		terminal.Say(out, "%-10s%s\n", name, terminal.Printable(fmt.Sprintf(format, args...)))
	}
	s := d.System
	line("system", "%s", s)
	line("cpu", "%s, cores: %d", cmp.Or(s.CPU, "not known"), s.Cores)
	if s.Memory > 0 {
		line("memory", "%s, available: %s", report.Binary(s.Memory), report.Binary(s.Available))
	}
	if s.OS == "linux" {
		d.printCards(line)
	}
	terminal.Say(out, "\n")
	for i, a := range d.Probe.Adapters {
		name := ""
		if i == 0 {
			name = "adapters"
		}
		line(name, "%d: %v, type %s", i, a, a.Type)
	}
	switch {
	case len(d.Probe.Adapters) == 0:
		line("adapters", "none")
	case d.Software:
		line("gpu", "none of the adapters: they compute on the CPU; the findings tell why")
	}
	if d.Best >= 0 {
		a := d.Probe.Adapters[d.Best]
		line("best", "%d, because %s", d.Best, d.Why)
		line("limits", "memory: %s; a buffer: %s; a binding: %s", d.Memory, report.Binary(a.Limits.BufferSize), report.Binary(a.Limits.BindingSize))
		line("watchdog", "%s", d.Watchdog)
		if d.Usable {
			m := d.Step.Measured
			line("step", "%.2f ms for a training step of %s (quartiles %.2f to %.2f), %.1f steps a second", 1e3*m.Seconds.Median, m.Name, 1e3*m.Seconds.P25, 1e3*m.Seconds.P75, 1/m.Seconds.Median)
		}
	}
	terminal.Say(out, "\n")
	if len(d.Findings) == 0 {
		line("findings", "none")
	}
	for i, f := range d.Findings {
		if i > 0 {
			terminal.Say(out, "\n")
		}
		line("finding", "%s: %s", f.Name, f.What)
		line("mend", "%s", f.Mend)
	}
}

// String returns the system on a line.
func (s System) String() string {
	parts := []string{cmp.Or(s.Name, s.OS), s.Arch}
	if s.Kernel != "" {
		parts = append(parts, "kernel "+s.Kernel)
	}
	if s.WSL {
		parts = append(parts, "on Windows (WSL)")
	}
	if s.Container != "" {
		parts = append(parts, "in a container ("+s.Container+")")
	}
	return strings.Join(parts, ", ")
}

// String returns a watchdog with its source.
func (w Watchdog) String() string {
	if w.Source == "" {
		return w.What
	}
	return w.What + " (" + w.Source + ")"
}

// printCards shows what the system has for drivers.
func (d Diagnosis) printCards(line func(name, format string, args ...any)) {
	for _, c := range d.Cards {
		text := fmt.Sprintf("%s %04x:%04x, kernel driver: %s", cmp.Or(makers[c.Vendor].name, "another maker"), c.Vendor, c.Device, cmp.Or(c.Module, "none"))
		if c.Memory > 0 {
			text += ", memory: " + report.Binary(c.Memory)
		}
		line("card", "%s", text)
	}
	if len(d.Cards) == 0 {
		line("card", "none on the PCI bus")
	}
	var nodes []string
	for _, n := range d.Nodes {
		text := n.Path
		if n.Denied {
			text += " (may not be opened)"
		}
		nodes = append(nodes, text)
	}
	line("devices", "%s", cmp.Or(strings.Join(nodes, ", "), "none: no /dev/dri/renderD*, /dev/nvidiactl or /dev/dxg"))
	line("loader", "%s", cmp.Or(d.Loader, "none: no "+loaderFile))
	for _, driver := range d.Drivers {
		line("driver", "%s: %s", driver.File, driver)
	}
}

// String returns what a driver offers, or what is wrong with it.
func (d Driver) String() string {
	switch {
	case d.Crash != "":
		return "crashes"
	case d.Hung != "":
		return "hangs"
	case d.Line != "":
		return "broken"
	case len(d.Adapters) == 0:
		return "no adapter"
	}
	var names []string
	for _, a := range d.Adapters {
		names = append(names, a.Name)
	}
	return strings.Join(names, ", ")
}
