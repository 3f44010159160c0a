package doctor

import (
	"fmt"
	"slices"
	"strings"

	"wgpucnn/engine"
	"wgpucnn/nn/report"
)

// Diagnosis is what follows from facts.
type Diagnosis struct {
	Facts
	Usable   bool      `json:"usable"`        // the best adapter has run a training step
	Best     int       `json:"best"`          // number of the adapter that commands take, -1 for none
	Why      string    `json:"why,omitempty"` // it is the best
	Software bool      `json:"software"`      // no adapter is a GPU
	Memory   string    `json:"memory,omitempty"`
	Watchdog Watchdog  `json:"watchdog,omitzero"`
	Findings []Finding `json:"findings"`
}

// Finding is something that is wrong, or that the user should know.
type Finding struct {
	Name string `json:"name"`
	What string `json:"what"`
	Mend string `json:"mend,omitempty"` // a command, or what to do
}

// Judge makes a diagnosis.
func Judge(f Facts) Diagnosis {
	d := Diagnosis{Facts: f, Best: -1, Findings: []Finding{}}
	adapters := f.Probe.Adapters
	d.Software = !slices.ContainsFunc(adapters, func(a engine.Adapter) bool { return a.Type != engine.CPU })
	if best, err := engine.Choose(adapters, f.Wanted); err == nil {
		a := adapters[best]
		d.Best, d.Why, d.Memory, d.Watchdog = best, f.why(best), f.memory(a), f.watchdog(a)
		d.Usable = f.Step.Measured.Seconds.Median > 0
	}
	for _, findings := range [][]Finding{f.ofVariables(), f.ofDrivers(), f.ofCards(d.Software)} {
		d.Findings = append(d.Findings, findings...)
	}
	d.Findings = append(d.Findings, f.ofProbe(len(d.Findings) > 0)...)
	d.Findings = append(d.Findings, f.ofBest(d)...)
	return d
}

// why returns why an adapter is taken.
func (f Facts) why(best int) string {
	adapters := f.Probe.Adapters
	a := adapters[best]
	var reason string
	alike := 0
	for _, other := range adapters {
		if other.Type == a.Type {
			alike++
		}
	}
	switch {
	case f.Wanted != "":
		reason = "WGPU_ADAPTER_NAME=" + f.Wanted + " chose it"
	case len(adapters) == 1:
		reason = "it is the only adapter"
	case alike == 1:
		reason = fmt.Sprintf("it is the only %s; the order is discrete GPU, integrated GPU, unknown, CPU", a.Type)
	case alike == len(adapters):
		reason = fmt.Sprintf("it is the first; all adapters are of type %s", a.Type)
	default:
		reason = fmt.Sprintf("it is the first of %d of type %s; the order is discrete GPU, integrated GPU, unknown, CPU", alike, a.Type)
	}
	for _, v := range f.Variables {
		if v.Name == "WGPU_BACKEND" {
			return reason + "; WGPU_BACKEND=" + v.Value + " chose the backend"
		}
	}
	if a.Backend == "OpenGL" {
		reason += "; OpenGL is taken because the system's own API has no adapter"
	}
	return reason
}

// memory returns what is known of an adapter's memory.
func (f Facts) memory(a engine.Adapter) string {
	if card := f.card(a); card != nil && card.Memory > 0 && a.Type == engine.DiscreteGPU {
		return report.Binary(card.Memory) + " of its own"
	}
	if a.Type == engine.CPU || a.Type == engine.IntegratedGPU {
		return "that of the machine"
	}
	return "not known: neither the API nor the system tells it"
}

// ofVariables returns findings about the environment.
func (f Facts) ofVariables() (findings []Finding) {
	var names, all []string
	for _, v := range f.Variables {
		if v.Hides {
			names, all = append(names, v.Name), append(all, v.Name+"="+v.Value)
		}
	}
	if len(names) > 0 {
		best, _ := engine.Choose(f.Clean.Adapters, "")
		findings = append(findings, Finding{"variable", fmt.Sprintf("%s keeps the program from %v.", strings.Join(all, " with "), f.Clean.Adapters[best]), "unset " + strings.Join(names, " ")})
	}
	if _, err := engine.Choose(f.Probe.Adapters, f.Wanted); err != nil && f.Wanted != "" && len(f.Probe.Adapters) > 0 {
		findings = append(findings, Finding{"adapter-name", fmt.Sprintf("WGPU_ADAPTER_NAME=%s names no adapter of this machine.", f.Wanted), "unset WGPU_ADAPTER_NAME"})
	}
	return findings
}

// ofDrivers returns findings about Vulkan's loader and the files of its drivers.
func (f Facts) ofDrivers() (findings []Finding) {
	if f.System.OS != "linux" {
		return nil
	}
	if f.Loader == "" {
		return []Finding{{"no-loader", "Vulkan's loader, " + loaderFile + ", is not installed, so no driver of Vulkan is found.", f.install(loader)}}
	}
	if len(f.Drivers) == 0 {
		if f.Variable != "" {
			return []Finding{{"no-driver", f.Variable + " names no driver file.", "unset " + f.Variable}}
		}
		return []Finding{{"no-driver", "Vulkan's loader is installed, but no driver of Vulkan.", f.install(mesa)}}
	}
	var sound []string
	for _, d := range f.Drivers {
		if len(d.Adapters) > 0 {
			sound = append(sound, d.File)
		}
	}
	for _, d := range f.Drivers {
		finding := Finding{Mend: f.without(sound)}
		switch {
		case d.Crash != "":
			finding.Name, finding.What = "driver-crashes", fmt.Sprintf("The driver of %s ends the program that asks it: %s.", d.File, d.Crash)
		case d.Hung != "":
			finding.Name, finding.What = "driver-hangs", fmt.Sprintf("The driver of %s did not answer in %s.", d.File, d.Hung)
		case d.Line != "":
			finding.Name, finding.What = "broken-driver", fmt.Sprintf("The driver file %s is broken: %s.", d.File, d.Line)
		default:
			continue
		}
		if len(sound) > 0 && !f.hasVulkan() {
			finding.What += " It hides all other drivers."
		}
		findings = append(findings, finding)
	}
	return findings
}

// hasVulkan tells whether this program finds an adapter through Vulkan.
func (f Facts) hasVulkan() bool {
	return slices.ContainsFunc(f.Probe.Adapters, func(a engine.Adapter) bool { return a.Backend == "Vulkan" })
}

// without returns how to do without a driver that is broken.
func (f Facts) without(sound []string) string {
	switch {
	case f.Variable != "":
		return "correct " + f.Variable + ", or unset it"
	case len(sound) > 0:
		return "install the driver again, or: " + report.Shell("export", "VK_DRIVER_FILES="+strings.Join(sound, ":"))
	}
	return "install the driver again"
}

// ofProbe returns findings about this program's own search for adapters. If the search finds none,
// it says so unless that is explained already.
func (f Facts) ofProbe(explained bool) []Finding {
	const try = "update the drivers, or try: wgpucnn devices --backend gl"
	p := f.Probe
	switch {
	case p.Crash != "":
		return []Finding{{"probe-crashes", "The search for adapters ended the program: " + p.Crash + ".", try}}
	case p.Hung != "":
		return []Finding{{"probe-hangs", "The search for adapters did not end in " + p.Hung + ".", try}}
	case len(p.Adapters) > 0 || explained:
		return nil
	case f.System.OS == "windows":
		return []Finding{{"no-adapter", "Neither Vulkan nor DirectX 12 has an adapter.", "install the driver of the GPU's maker"}}
	case f.System.OS == "darwin":
		return []Finding{{"no-adapter", "Metal has no adapter. Virtual machines often lack it.", "run the program on the Mac itself"}}
	}
	return []Finding{{"no-adapter", "There is no adapter: " + p.Line + ".", f.install(mesa)}}
}

// nearLimit is the share of a watchdog's limit from which a step is called near.
const nearLimit = 0.5

// ofBest returns findings about the adapter that is taken.
func (f Facts) ofBest(d Diagnosis) (findings []Finding) {
	if d.Best < 0 {
		return nil
	}
	a := f.Probe.Adapters[d.Best]
	s := f.Step
	const other = "update its driver, or take another adapter by --adapter"
	switch {
	case s.Crash != "":
		findings = append(findings, Finding{"step-crashes", fmt.Sprintf("A training step on %s ended the program: %s.", a.Name, s.Crash), other})
	case s.Hung != "":
		findings = append(findings, Finding{"step-hangs", fmt.Sprintf("%s did not compile and run a training step in %s.", a.Name, s.Hung), other})
	case !d.Usable:
		findings = append(findings, Finding{"step-fails", fmt.Sprintf("%s runs no training step: %s.", a.Name, s.Line), other})
	case d.Watchdog.Seconds > 0 && s.Measured.Seconds.Median > nearLimit*d.Watchdog.Seconds:
		findings = append(findings, Finding{"watchdog", fmt.Sprintf("A training step of %.2g s is near the system's limit of %v s.", s.Measured.Seconds.Median, d.Watchdog.Seconds), "train with a smaller --batch"})
	}
	if a.Limits.Loops > 0 {
		findings = append(findings, Finding{"loops", fmt.Sprintf("This driver leaves long loops early, after %d iterations; kernels that have some are refused.", a.Limits.Loops), "update Mesa to 25 or newer"})
	}
	return findings
}
