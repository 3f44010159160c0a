// Package doctor finds out why a machine computes with the adapters that it has. Collect gathers
// facts, Judge makes a diagnosis of them, and Print shows it.
//
// Judge knows nothing but the facts. Collect knows nothing but its Machine. So a test can fake the
// cause of each finding.
package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"wgpucnn/engine"
	"wgpucnn/nn/bench"
)

// Machine is what Collect asks.
type Machine struct {
	OS          string                                   // as runtime.GOOS
	Root        fs.FS                                    // the files below /
	Getenv      func(string) string                      // os.Getenv
	DriverFiles func() (variable string, files []string) // engine.DriverFiles
	Run         func(Command) Output
}

// Facts are what is known of a machine.
type Facts struct {
	System    System     `json:"system"`
	Cards     []Card     `json:"cards"`              // on the PCI bus
	Nodes     []Node     `json:"nodes"`              // the devices through which drivers reach cards
	Loader    string     `json:"loader,omitempty"`   // where Vulkan's loader is; "" if it is not found
	Variable  string     `json:"variable,omitempty"` // the variable that names the driver files, if one does
	Drivers   []Driver   `json:"drivers"`
	Variables []Variable `json:"variables,omitempty"`  // those that are set and choose drivers or adapters
	NVIDIA    string     `json:"nvidia_smi,omitempty"` // the line with which nvidia-smi fails
	Probe     Probe      `json:"probe"`                // what this program finds
	Clean     Probe      `json:"clean,omitzero"`       // what it finds without the variables
	Wanted    string     `json:"wanted,omitempty"`     // the adapter that WGPU_ADAPTER_NAME names
	Step      Step       `json:"step"`
}

// Probe is what "wgpucnn devices" found.
type Probe struct {
	Adapters []engine.Adapter `json:"adapters"`
	Outcome
}

// Driver is a file that describes a driver of Vulkan, and what the driver offers alone.
type Driver struct {
	File string `json:"file"`
	Probe
}

// Variable is an environment variable.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Hides bool   `json:"hides"` // without it there is a better adapter
}

// Step is the measurement of a training step on the best adapter.
type Step struct {
	Measured bench.Measurement `json:"measured,omitzero"`
	Outcome
}

// How long a process may take that asks a driver, and one that compiles and runs a training step.
// Slow drivers compile a kernel for seconds.
const (
	askLimit  = 20 * time.Second
	stepLimit = 2 * time.Minute
)

// StepArgs are the arguments with which this program measures a training step for Collect, and prints
// a bench.Measurement as JSON.
var StepArgs = []string{"doctor", "step"}

// suspects are the variables that can keep drivers or adapters from this program.
var suspects = []string{
	"VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES", "VK_LOADER_DRIVERS_SELECT", "VK_LOADER_DRIVERS_DISABLE",
	"MESA_VK_DEVICE_SELECT", "LD_LIBRARY_PATH", "WGPU_BACKEND",
}

// maxDrivers bounds the processes that ask drivers.
const maxDrivers = 32

// Collect gathers the facts of a machine. It shows on stage what it waits for. It returns an error
// if ctx is done.
func Collect(ctx context.Context, m Machine, stage func(what string) (end func())) (Facts, error) {
	f := Facts{System: m.system(), Cards: []Card{}, Nodes: []Node{}, Drivers: []Driver{}, Wanted: m.Getenv("WGPU_ADAPTER_NAME")}
	if m.OS == "linux" {
		f.Cards, f.Nodes, f.Loader = m.cards(), m.nodes(), m.loader()
		f.NVIDIA = m.askNVIDIA(f.Cards)
	}
	end := stage("ask the drivers")
	f.Probe = m.probe(nil)
	m.askVariables(&f)
	if m.OS == "linux" && f.Loader != "" {
		m.askDrivers(ctx, &f)
	}
	end()
	if _, err := engine.Choose(f.Probe.Adapters, f.Wanted); err == nil && ctx.Err() == nil {
		end = stage("measure a training step")
		o := m.Run(Command{Args: StepArgs, Limit: stepLimit})
		f.Step.Outcome = outcome(o, stepLimit, &f.Step.Measured)
		end()
	}
	return f, ctx.Err()
}

// probe asks this program for its adapters, with other variables.
func (m Machine) probe(variables map[string]string, flags ...string) Probe {
	p := Probe{Adapters: []engine.Adapter{}}
	o := m.Run(Command{Args: append([]string{"devices", "--json"}, flags...), Env: variables, Limit: askLimit})
	p.Outcome = outcome(o, askLimit, &p.Adapters)
	return p
}

// askVariables finds out whether variables hide a better adapter, and which.
func (m Machine) askVariables(f *Facts) {
	without := map[string]string{}
	for _, name := range suspects {
		if value := m.Getenv(name); value != "" {
			f.Variables, without[name] = append(f.Variables, Variable{Name: name, Value: value}), ""
		}
	}
	if len(without) == 0 {
		return
	}
	if f.Clean = m.probe(without); !better(f.Clean.Adapters, f.Probe.Adapters) {
		return
	}
	found := false
	for i, v := range f.Variables {
		f.Variables[i].Hides = better(m.probe(map[string]string{v.Name: ""}).Adapters, f.Probe.Adapters)
		found = found || f.Variables[i].Hides
	}
	for i := range f.Variables { // only several of them together
		f.Variables[i].Hides = f.Variables[i].Hides || !found
	}
}

// better tells whether the best adapter of a list is better than that of another: of a better type,
// or of the system's own API in place of OpenGL.
func better(a, than []engine.Adapter) bool {
	if len(a) == 0 {
		return false
	}
	both := slices.Concat(than, a)
	best, _ := engine.Choose(both, "")
	if best >= len(than) {
		return true
	}
	own, _ := engine.Choose(a, "")
	return both[best].Backend == "OpenGL" && a[own].Backend != "OpenGL" && a[own].Type == both[best].Type
}

// askDrivers asks each driver of Vulkan alone.
func (m Machine) askDrivers(ctx context.Context, f *Facts) {
	variable, files := m.DriverFiles()
	f.Variable = variable
	for _, file := range files[:min(len(files), maxDrivers)] {
		if ctx.Err() != nil {
			return
		}
		only := map[string]string{"VK_DRIVER_FILES": file, "VK_ICD_FILENAMES": file}
		d := Driver{file, m.probe(only, "--backend", "vulkan")}
		d.Line = broken(d.Line, file)
		f.Drivers = append(f.Drivers, d)
	}
}

// broken returns what a line of engine.BrokenDrivers says about a driver file, without what to do.
// It returns "" for any other line.
func broken(line, file string) string {
	_, fault, ok := strings.Cut(line, "driver file "+file+": ")
	if !ok {
		return ""
	}
	fault, _, _ = strings.Cut(fault, ": correct VK_DRIVER_FILES")
	return fault
}

// name returns the file of a driver without its folder.
func (d Driver) name() string { return path.Base(d.File) }

// askNVIDIA sets the memory of NVIDIA's cards by their maker's program. It returns the line with which
// the program fails.
func (m Machine) askNVIDIA(cards []Card) string {
	if !slices.ContainsFunc(cards, func(c Card) bool { return c.Vendor == nvidia && c.Module == "nvidia" }) {
		return ""
	}
	o := m.Run(Command{Program: "nvidia-smi", Args: []string{"--query-gpu=pci.bus_id,memory.total", "--format=csv,noheader,nounits"}, Limit: askLimit})
	if o.Hung {
		return fmt.Sprintf("no answer in %v", askLimit)
	}
	if o.Failed != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(o.Out+o.Err), "\n")
		return said // "" if the program is not installed
	}
	for line := range strings.Lines(o.Out) {
		var slot string
		var mebibytes uint64
		if n, _ := fmt.Sscanf(strings.ReplaceAll(line, ",", " "), "%s %d", &slot, &mebibytes); n != 2 {
			continue
		}
		for i, c := range cards {
			if strings.HasSuffix(strings.ToLower(slot), c.Slot) {
				cards[i].Memory = mebibytes << 20
			}
		}
	}
	return ""
}
