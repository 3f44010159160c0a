package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"wgpucnn/engine"
	"wgpucnn/nn/bench"
)

// machine is a Linux machine for tests: the texts of its files, its variables, and what its drivers
// offer. The text "denied" stands for a file that may not be opened.
type machine struct {
	os      string
	files   map[string]string
	env     map[string]string
	drivers map[string][]engine.Adapter // by file; those of a nil list have no adapter
	outputs map[string]Output           // of the driver files, of "step" and of other programs, in place of what follows from drivers
}

var (
	radeon   = engine.Adapter{Name: "AMD Radeon RX 7600", Backend: "Vulkan", Type: engine.DiscreteGPU, Vendor: amd, Device: 0x7480}
	arc      = engine.Adapter{Name: "Intel Arc A380", Backend: "Vulkan", Type: engine.DiscreteGPU, Vendor: intel, Device: 0x56a5}
	geforce  = engine.Adapter{Name: "NVIDIA GeForce RTX 3060", Backend: "Vulkan", Type: engine.DiscreteGPU, Vendor: nvidia, Device: 0x2504}
	graphics = engine.Adapter{Name: "Intel UHD 770", Backend: "Vulkan", Type: engine.IntegratedGPU, Vendor: intel, Device: 0x4680}
	llvmpipe = engine.Adapter{Name: "llvmpipe", Backend: "Vulkan", Type: engine.CPU, Driver: "Mesa 25.0.7"}
	opengl   = engine.Adapter{Name: "llvmpipe", Backend: "OpenGL", Type: engine.CPU}
	radeonGL = engine.Adapter{Name: "AMD Radeon RX 7600", Backend: "OpenGL", Type: engine.DiscreteGPU, Vendor: amd}
)

const (
	icd        = "/usr/share/vulkan/icd.d/"
	radv       = icd + "radeon_icd.json"
	anv        = icd + "intel_icd.json"
	lavapipe   = icd + "lvp_icd.json"
	nvidiaICD  = icd + "nvidia_icd.json"
	slot       = "sys/bus/pci/devices/0000:03:00.0/"
	slot2      = "sys/bus/pci/devices/0000:04:00.0/"
	renderNode = "dev/dri/renderD128"
)

// card returns the files of a card and of its kernel driver.
func card(a engine.Adapter, module string) map[string]string {
	uevent := "PCI_CLASS=30000\n"
	if module != "" {
		uevent = "DRIVER=" + module + "\n" + uevent
	}
	return map[string]string{
		slot + "class": "0x030000\n", slot + "uevent": uevent,
		slot + "vendor": fmt.Sprintf("0x%04x\n", a.Vendor), slot + "device": fmt.Sprintf("0x%04x\n", a.Device),
	}
}

// sound returns a Debian machine with a card that works, and with lavapipe.
func sound(a engine.Adapter, module, driver string) machine {
	m := machine{os: "linux", files: card(a, module), env: map[string]string{"USER": "me"}, drivers: map[string][]engine.Adapter{driver: {a}, lavapipe: {llvmpipe}}}
	maps.Copy(m.files, map[string]string{
		"etc/os-release": "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n", "proc/sys/kernel/osrelease": "6.1.0-18-amd64\n",
		"proc/cpuinfo": "processor\t: 0\nmodel name\t: AMD Ryzen 5\n\nprocessor\t: 1\nmodel name\t: other\n", "proc/meminfo": "MemTotal:       1048576 kB\nMemAvailable:    524288 kB\n",
		"etc/group": "root:x:0:\naudio:x:29:me\nvideo:x:44:me\nrender:x:104:you\n", "etc/ld.so.cache": "cache\x00libvulkan.so.1\x00/lib/libvulkan.so.1\x00", renderNode: "", "dev/nvidiactl": "",
	})
	return m
}

// plus returns a map with another entry.
func plus[V any](of map[string]V, name string, value V) map[string]V {
	all := map[string]V{}
	maps.Copy(all, of)
	all[name] = value
	return all
}

// with returns the machine with other files, by pairs of name and text. "-" takes a file away.
func (m machine) with(files ...string) machine {
	m.files = maps.Clone(m.files)
	for i := 0; i < len(files); i += 2 {
		m.files[files[i]] = files[i+1]
		if files[i+1] == "-" {
			delete(m.files, files[i])
		}
	}
	return m
}

// variable returns the machine with an environment variable.
func (m machine) variable(name, value string) machine {
	m.env = plus(m.env, name, value)
	return m
}

// offers returns the machine with what the driver of a file offers, nil for no adapter.
func (m machine) offers(file string, adapters ...engine.Adapter) machine {
	m.drivers = plus(m.drivers, file, adapters)
	return m
}

// without returns the machine without some driver files.
func (m machine) without(files ...string) machine {
	m.drivers = maps.Clone(m.drivers)
	for _, file := range files {
		delete(m.drivers, file)
	}
	return m
}

// says returns the machine with the output of a process.
func (m machine) says(of string, o Output) machine {
	m.outputs = plus(m.outputs, of, o)
	return m
}

func (m machine) Open(name string) (fs.File, error) {
	if m.files[name] == "denied" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return m.all().Open(name)
}

// Stat tells of files that may not be opened too.
func (m machine) Stat(name string) (fs.FileInfo, error) { return m.all().Stat(name) }

func (m machine) all() fstest.MapFS {
	files := fstest.MapFS{}
	for file, text := range m.files {
		files[file] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// selected returns the driver files that the loader reads with some variables.
func (m machine) selected(env func(string) string) []string {
	if value := env("VK_DRIVER_FILES"); value != "" {
		return strings.Split(value, ":")
	}
	return slices.Sorted(maps.Keys(m.drivers))
}

// run plays the processes that Collect starts. A driver that is denied its node has no adapter. A
// broken one costs all adapters of Vulkan.
func (m machine) run(c Command) Output {
	env := func(name string) string {
		if value, ok := c.Env[name]; ok {
			return value
		}
		return m.env[name]
	}
	if c.Program != "" || slices.Equal(c.Args, StepArgs) {
		key := c.Program
		if key == "" {
			key = "step"
		}
		if o, ok := m.outputs[key]; ok {
			return o
		}
		if c.Program != "" {
			return Output{Failed: errors.New("executable file not found")}
		}
		return asJSON(bench.Measurement{Name: "base batch 128", Seconds: bench.Sample{Count: 7, Median: 0.02, P25: 0.019, P75: 0.021, Low: 0.018, High: 0.022}})
	}
	if o, ok := m.outputs["devices"]; ok && len(c.Args) == 2 {
		return o
	}
	var found []engine.Adapter
	files := m.selected(env)
	for _, file := range files {
		o, ok := m.outputs[file]
		if ok && slices.Contains(c.Args, "vulkan") {
			return o
		}
		loaded := m.os != "linux" || m.files["etc/ld.so.cache"] != "" && env("LD_LIBRARY_PATH") == ""
		if ok || !loaded || env("WGPU_BACKEND") == "gl" {
			found = nil
			break
		}
		for _, a := range m.drivers[file] {
			if a.Type == engine.CPU || m.files[renderNode] != "denied" {
				found = append(found, a)
			}
		}
	}
	if len(found) == 0 && !slices.Contains(c.Args, "vulkan") && m.os == "linux" {
		found = []engine.Adapter{opengl}
	}
	if len(found) == 0 {
		return Output{Err: "wgpucnn: engine: no such adapter for backend auto: install a driver\n", Failed: errors.New("exit status 1")}
	}
	return asJSON(found)
}

func asJSON(value any) Output {
	data, err := json.Marshal(value)
	return Output{Out: string(data), Failed: err}
}

// diagnose collects the facts of a machine and judges them.
func (m machine) diagnose(t *testing.T) Diagnosis {
	t.Helper()
	env := func(name string) string { return m.env[name] }
	facts, err := Collect(context.Background(), Machine{
		OS: m.os, Root: m, Getenv: env, Run: m.run,
		DriverFiles: func() (string, []string) {
			if m.env["VK_DRIVER_FILES"] != "" {
				return "VK_DRIVER_FILES", m.selected(env)
			}
			return "", m.selected(env)
		},
	}, func(string) func() { return func() {} })
	if err != nil {
		t.Fatal(err)
	}
	return Judge(facts)
}

// failed is the output of a process of this program that fails with a line.
func failed(line string) Output {
	return Output{Err: "wgpucnn: " + line + "\n", Failed: errors.New("exit status 1")}
}

// Each cause gives its finding, which says what mends it, and no other. The documentation explains each.
// usable tells whether there is still an adapter that trains.
func TestFindings(t *testing.T) {
	documentation, err := os.ReadFile("../../../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	amdPC, intelPC, nvidiaPC := sound(radeon, "amdgpu", radv), sound(arc, "i915", anv), sound(geforce, "nvidia", nvidiaICD)
	crash := Output{Err: "SIGSEGV: segmentation violation\nPC=0x1 m=0\n", Failed: errors.New("exit status 2")}
	broken := func(file string) Output {
		return failed("engine: no such adapter for backend vulkan: driver file " + file + ": no JSON: unexpected EOF: correct VK_DRIVER_FILES, or unset it")
	}
	wsl := sound(radeon, "amdgpu", radv).with(slot+"class", "-", "proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2").without(radv)
	mac := machine{os: "darwin", drivers: map[string][]engine.Adapter{"metal": {{Name: "Apple M2", Backend: "Metal", Type: engine.IntegratedGPU}}}}
	windows := machine{os: "windows", drivers: map[string][]engine.Adapter{"d3d12": {{Name: "Intel UHD", Backend: "D3D12", Type: engine.IntegratedGPU}}}}
	for name, c := range map[string]struct {
		machine
		finding, mend string
		usable        bool
	}{
		"AMD":     {amdPC, "", "", true},
		"Intel":   {intelPC, "", "", true},
		"NVIDIA":  {nvidiaPC, "", "", true},
		"macOS":   {mac, "", "", true},
		"Windows": {windows, "", "", true},

		"no card":                  {amdPC.with(slot+"class", "0x020000").without(radv), "no-gpu", "nothing to mend", true},
		"a server's console":       {amdPC.with(slot+"vendor", "0x1a03").without(radv), "no-gpu", "nothing to mend", true},
		"no card in a container":   {amdPC.with(slot+"class", "-", ".dockerenv", "").without(radv), "no-gpu", "docker run --device /dev/dri", true},
		"no loader":                {amdPC.with("etc/ld.so.cache", "-"), "no-loader", "sudo apt-get install libvulkan1", true},
		"OpenGL by variable":       {amdPC.with(slot+"class", "-").without(radv).variable("WGPU_BACKEND", "gl"), "variable no-gpu", "unset WGPU_BACKEND", true},
		"OpenGL alone":             {amdPC.without(radv).says("devices", asJSON([]engine.Adapter{radeonGL})), "no-card-driver", "mesa-vulkan-drivers", true},
		"no module in a container": {amdPC.with(slot+"uevent", "-", renderNode, "-", ".dockerenv", "").offers(radv), "no-module", "modprobe amdgpu", true},
		"no driver":                {amdPC.without(radv, lavapipe), "no-driver no-card-driver", "sudo apt-get install libvulkan1 mesa-vulkan-drivers", true},
		"no driver of the card":    {amdPC.without(radv), "no-card-driver", "sudo apt-get install libvulkan1 mesa-vulkan-drivers", true},
		"on Fedora":                {amdPC.with("etc/os-release", "ID=nobara\nID_LIKE=\"rhel fedora\"\n").without(radv), "no-card-driver", "sudo dnf install vulkan-loader mesa-vulkan-drivers", true},
		"on another system":        {amdPC.with("etc/os-release", "ID=void\n").without(radv), "no-card-driver", "docs/install.md", true},
		"broken file":              {amdPC.says(radv, broken(radv)), "broken-driver", "export VK_DRIVER_FILES=" + lavapipe, true},
		"broken file by variable":  {amdPC.variable("VK_DRIVER_FILES", "/x.json").says("/x.json", broken("/x.json")), "variable broken-driver", "unset VK_DRIVER_FILES", true},
		"variable without a file":  {amdPC.variable("VK_DRIVER_FILES", "/nowhere").offers("/nowhere"), "variable", "unset VK_DRIVER_FILES", true},
		"wrong loader":             {amdPC.variable("LD_LIBRARY_PATH", "/opt/sdk").with("opt/sdk/libvulkan.so.1", ""), "variable", "unset LD_LIBRARY_PATH", true},
		"backend by variable":      {amdPC.variable("WGPU_BACKEND", "gl"), "variable", "unset WGPU_BACKEND", true},
		"harmless variable":        {amdPC.variable("VK_DRIVER_FILES", radv), "", "", true},
		"adapter by variable":      {amdPC.variable("WGPU_ADAPTER_NAME", "geforce"), "adapter-name", "unset WGPU_ADAPTER_NAME", false},
		"driver crashes":           {amdPC.says(radv, crash), "driver-crashes", "export VK_DRIVER_FILES=" + lavapipe, true},
		"driver hangs":             {amdPC.says(radv, Output{Hung: true}), "driver-hangs", "export VK_DRIVER_FILES=" + lavapipe, true},
		"permission":               {amdPC.with(renderNode, "denied"), "permission", "sudo usermod -aG render $USER, then log in again", true},
		"permission, no group":     {amdPC.with(renderNode, "denied", "etc/group", "video:x:44:\n"), "permission", "sudo usermod -aG video $USER", true},
		"permission, old login":    {amdPC.with(renderNode, "denied", "etc/group", "render:x:104:me\n"), "permission", "log in again", true},
		"permission, container":    {amdPC.with(renderNode, "denied", "run/.containerenv", ""), "permission", "--group-add $(stat -c %g /dev/dri/renderD128)", true},
		"permission, NVIDIA":       {nvidiaPC.with("dev/nvidiactl", "denied").offers(nvidiaICD), "permission", "sudo chmod a+rw /dev/nvidia*", true},
		"permission, both":         {nvidiaPC.with("dev/nvidiactl", "denied", ".dockerenv", "").offers(nvidiaICD), "permission", "docker run --gpus all", true},
		"none selected":            {amdPC.variable("VK_DRIVER_FILES", lavapipe).offers(radv), "no-card-driver", "unset VK_DRIVER_FILES", true},
		"no adapter":               {amdPC.says("devices", failed("engine: no such adapter")), "no-adapter", "mesa-vulkan-drivers", false},
		"no loader, no OpenGL":     {amdPC.with("etc/ld.so.cache", "-").variable("WGPU_ADAPTER_NAME", "x").says("devices", failed("engine: no such adapter")), "no-loader", "libvulkan1", false},
		"no OpenGL by variable":    {windows.variable("WGPU_BACKEND", "gl"), "variable", "unset WGPU_BACKEND", false},
		"no PCI bus":               {amdPC.with(slot+"class", "-"), "", "", true},
		"two equal cards":          {amdPC.with(slot+"uevent", "-", slot2+"class", "0x030000", slot2+"vendor", "0x1002").offers(radv), "no-module", "modprobe", true},
		"two other cards":          {amdPC.with(slot+"uevent", "-", slot2+"class", "0x030000", slot2+"vendor", "0x1002", slot2+"uevent", "DRIVER=vfio-pci").offers(radv), "no-module passed-on", "modprobe", true},
		"WSL with another driver":  {wsl.offers(icd+"other.json", geforce), "", "", true},
		"container":                {amdPC.with(renderNode, "-", ".dockerenv", "").offers(radv), "container", "docker run --device /dev/dri", true},
		"container, NVIDIA":        {nvidiaPC.with("dev/nvidiactl", "-", ".dockerenv", "").without(nvidiaICD), "container", "--gpus all", true},
		"container, no graphics":   {nvidiaPC.variable("KUBERNETES_SERVICE_HOST", "10.0.0.1").without(nvidiaICD), "no-card-driver", "NVIDIA_DRIVER_CAPABILITIES=all", true},
		"no node":                  {amdPC.with(renderNode, "-").offers(radv), "no-node", "sudo dmesg", true},
		"no module":                {amdPC.with(slot+"uevent", "PCI_CLASS=30000\n").offers(radv), "no-module", "sudo modprobe amdgpu", true},
		"nomodeset":                {intelPC.with(slot+"uevent", "-", "proc/cmdline", "quiet nomodeset").offers(anv), "nomodeset", "take nomodeset out", true},
		"virtual machine's":        {intelPC.with(slot+"uevent", "DRIVER=vfio-pci").offers(anv), "passed-on", "", true},
		"not offered":              {intelPC.offers(anv), "not-offered", "vulkaninfo --summary", true},
		"NVIDIA, no module":        {nvidiaPC.with(slot+"uevent", "-").offers(nvidiaICD), "no-module", "sudo apt-get install nvidia-driver nvidia-vulkan-icd; if that is installed: sudo modprobe nvidia", true},
		"NVIDIA, no driver":        {nvidiaPC.without(nvidiaICD), "no-card-driver", "sudo apt-get install nvidia-driver nvidia-vulkan-icd", true},
		"NVIDIA, mismatch":         {nvidiaPC.offers(nvidiaICD).says("nvidia-smi", Output{Out: "Failed to initialize NVML: Driver/library version mismatch\n", Failed: errors.New("exit status 18")}), "nvidia-smi", "start the machine again", true},
		"WSL without a GPU":        {wsl, "wsl", "wsl --update", true},
		"WSL without a driver":     {wsl.with("dev/dxg", ""), "wsl-driver", "wgpucnn.exe", true},
		"WSL, not offered":         {wsl.with("dev/dxg", "").offers(icd + "dzn_icd.json"), "wsl-driver", "in Windows, and Mesa", true},
		"WSL with a driver":        {wsl.with("dev/dxg", "").offers(icd+"dzn_icd.json", geforce), "", "", true},
		"step crashes":             {amdPC.says("step", crash), "step-crashes", "--adapter", false},
		"step hangs":               {amdPC.says("step", Output{Hung: true}), "step-hangs", "--adapter", false},
		"step fails":               {amdPC.says("step", failed("engine: the driver refused to open the adapter")), "step-fails", "--adapter", false},
		"search crashes":           {amdPC.says("devices", crash), "probe-crashes", "", false},
		"search hangs":             {amdPC.says("devices", Output{Hung: true}), "probe-hangs", "", false},
		"search answers nonsense":  {amdPC.says("devices", Output{Out: "{"}), "probe-crashes", "", false},
		"old llvmpipe":             {amdPC.offers(radv, engine.Adapter{Name: "llvmpipe", Backend: "Vulkan", Type: engine.IntegratedGPU, Vendor: amd, Device: radeon.Device, Limits: engine.Limits{Loops: 65535}}), "loops", "update Mesa", true},
		"near the watchdog":        {windows.says("step", asJSON(bench.Measurement{Seconds: bench.Sample{Median: 1.5}})), "watchdog", "--batch", true},
		"macOS without Metal":      {machine{os: "darwin"}, "no-adapter", "the Mac itself", false},
		"Windows without a driver": {machine{os: "windows"}, "no-adapter", "the driver of the GPU's maker", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := c.diagnose(t)
			var names, mends []string
			for _, f := range d.Findings {
				names, mends = append(names, f.Name), append(mends, f.Mend)
				if !strings.HasSuffix(f.What, ".") || f.Mend == "" {
					t.Errorf("%+v: want a sentence and what mends it", f)
				}
				if !bytes.Contains(documentation, []byte("`"+f.Name+"`")) {
					t.Errorf("docs/troubleshooting.md lacks %s", f.Name)
				}
			}
			if got := strings.Join(names, " "); got != c.finding || !strings.Contains(strings.Join(mends, "\n"), c.mend) {
				t.Errorf("got %+v, want %q with %q", d.Findings, c.finding, c.mend)
			}
			if d.Usable != c.usable {
				t.Errorf("usable: %v, want %v", d.Usable, c.usable)
			}
			var page bytes.Buffer
			d.Print(&page)
			for _, f := range d.Findings {
				if !strings.Contains(page.String(), f.Name+": "+f.What+"\nmend      "+f.Mend+"\n") {
					t.Errorf("the page lacks %+v:\n%s", f, page.String())
				}
			}
			data, err := json.Marshal(d)
			var again Diagnosis
			if err != nil || json.Unmarshal(data, &again) != nil || fmt.Sprint(again.Findings) != fmt.Sprint(d.Findings) || bytes.Contains(data, []byte("null")) {
				t.Errorf("as JSON: %v: %s", err, data)
			}
		})
	}
}
