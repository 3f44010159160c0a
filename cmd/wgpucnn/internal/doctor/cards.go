package doctor

import (
	"fmt"
	"slices"
	"strings"

	"wgpucnn/engine"
)

// maker is what a maker's cards need on Linux.
type maker struct {
	name    string
	modules []string // of the kernel, the usual one first
	drivers []string // words in the names of Vulkan's driver files
	pack    pack     // has the driver of Vulkan
}

var makers = map[uint32]maker{
	amd:    {"AMD", []string{"amdgpu", "radeon"}, []string{"radeon", "amd"}, mesa},
	intel:  {"Intel", []string{"i915", "xe"}, []string{"intel"}, mesa},
	nvidia: {"NVIDIA", []string{"nvidia", "nouveau"}, []string{"nvidia", "nouveau"}, proprietary},
}

// pack is what a distribution installs.
type pack int

const (
	loader pack = iota
	mesa
	proprietary // of NVIDIA
)

// packages are the names of the packages by the family of the distribution, and the command that
// installs them.
var packages = []struct {
	family, command string
	names           [3]string
}{
	{"ubuntu", "apt-get install", [3]string{"libvulkan1", "libvulkan1 mesa-vulkan-drivers", "ubuntu-drivers-common && sudo ubuntu-drivers install"}},
	{"debian", "apt-get install", [3]string{"libvulkan1", "libvulkan1 mesa-vulkan-drivers", "nvidia-driver nvidia-vulkan-icd"}},
	{"fedora", "dnf install", [3]string{"vulkan-loader", "vulkan-loader mesa-vulkan-drivers", "akmod-nvidia"}},
	{"arch", "pacman -S", [3]string{"vulkan-icd-loader", "vulkan-icd-loader vulkan-radeon vulkan-intel vulkan-swrast", "nvidia nvidia-utils"}},
}

// install returns the command that installs something on this distribution.
func (f Facts) install(p pack) string {
	sudo := "sudo "
	if f.System.Container != "" {
		sudo = ""
	}
	for _, family := range f.System.Families {
		for _, row := range packages {
			if row.family == family {
				return sudo + row.command + " " + row.names[p]
			}
		}
	}
	return "install " + [3]string{"Vulkan's loader", "Vulkan's loader and Mesa's drivers of Vulkan", "NVIDIA's driver"}[p] + " (docs/install.md)"
}

// ofCards returns why the cards of this machine are no adapters of Vulkan.
func (f Facts) ofCards(software bool) (findings []Finding) {
	if f.System.OS != "linux" {
		return nil
	}
	if f.System.WSL {
		return f.ofWSL(software)
	}
	known := 0
	for i, c := range f.Cards {
		m, isKnown := makers[c.Vendor]
		if !isKnown {
			continue
		}
		known++
		again := slices.ContainsFunc(f.Cards[:i], func(other Card) bool { return other.Vendor == c.Vendor && other.Module == c.Module })
		if again || slices.ContainsFunc(f.Probe.Adapters, func(a engine.Adapter) bool { return a.Vendor == c.Vendor && a.Backend == "Vulkan" }) {
			continue
		}
		if finding, ok := f.ofCard(c, m); ok {
			findings = append(findings, finding)
		}
	}
	if known == 0 && software {
		mend := "nothing to mend: the adapters compute on the CPU"
		if f.System.Container != "" {
			mend = "if the host has one, start the container with it: " + runDRI + ", or for NVIDIA: " + runNVIDIA
		}
		findings = append(findings, Finding{"no-gpu", "The PCI bus shows no GPU of AMD, Intel or NVIDIA.", mend})
	}
	return findings
}

// node returns how the names of the device files begin through which the driver of a card reaches it.
func (c Card) node() string {
	if c.proprietary() {
		return "/dev/nvidiactl"
	}
	return "/dev/dri/renderD"
}

// proprietary tells whether a card has, or lacks, NVIDIA's own driver.
func (c Card) proprietary() bool { return c.Vendor == nvidia && c.Module != "nouveau" }

// What starts a container with its cards. The capability "graphics" brings NVIDIA's driver of Vulkan.
const (
	runDRI    = "docker run --device /dev/dri"
	runNVIDIA = "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all"
)

// ofCard returns why a card is no adapter. ok is false if another finding tells it.
func (f Facts) ofCard(c Card, m maker) (_ Finding, ok bool) {
	card := fmt.Sprintf("The card of %s at %s", m.name, c.Slot)
	if finding, ok := f.ofKernel(c, m, card); ok {
		return finding, true
	}
	for _, n := range f.Nodes {
		if n.Denied && strings.HasPrefix(n.Path, c.node()) {
			return f.denied(n, c), true
		}
	}
	return f.ofVulkan(c, m, card)
}

// ofKernel returns why no driver reaches a card.
func (f Facts) ofKernel(c Card, m maker, card string) (_ Finding, ok bool) {
	reachable := slices.ContainsFunc(f.Nodes, func(n Node) bool { return strings.HasPrefix(n.Path, c.node()) })
	switch {
	case c.Module == "vfio-pci":
		return Finding{"passed-on", card + " is kept for a virtual machine (vfio-pci).", "give it back to its driver on the host"}, true
	case c.Module == "" && f.System.NoModeset:
		return Finding{"nomodeset", card + " has no kernel driver, because the kernel was started with nomodeset.", "take nomodeset out of the kernel's command line (/etc/default/grub, then sudo update-grub), and start again"}, true
	case c.Module == "" && c.proprietary():
		return Finding{"no-module", card + " has no kernel driver: the module nvidia is not loaded.", f.install(m.pack) + "; if that is installed: sudo modprobe nvidia"}, true
	case c.Module == "":
		return Finding{"no-module", fmt.Sprintf("%s has no kernel driver: the module %s is not loaded.", card, strings.Join(m.modules, " or ")), "sudo modprobe " + m.modules[0] + "; sudo dmesg tells why it fails"}, true
	case f.System.Container != "" && !reachable && c.proprietary():
		return Finding{"container", card + " is not in this container.", "install the NVIDIA container toolkit on the host, then: " + runNVIDIA}, true
	case f.System.Container != "" && !reachable:
		return Finding{"container", card + " is not in this container: it has no /dev/dri.", runDRI}, true
	case f.NVIDIA != "" && c.Module == "nvidia":
		return Finding{"nvidia-smi", "NVIDIA's own program fails: " + f.NVIDIA + ".", "start the machine again, so that the kernel module and the libraries are of one version"}, true
	case !reachable:
		return Finding{"no-node", fmt.Sprintf("%s has a kernel driver, %s, but no %s*.", card, c.Module, c.node()), "sudo dmesg tells why"}, true
	}
	return Finding{}, false
}

// denied returns the finding of a card's node that the user may not open.
func (f Facts) denied(n Node, c Card) Finding {
	finding := Finding{Name: "permission", What: "Your user may not open " + n.Path + "."}
	group := Group{Name: "render"}
	if len(f.System.Groups) > 0 {
		group = f.System.Groups[0]
	}
	switch {
	case f.System.Container != "" && c.proprietary():
		finding.Mend = runNVIDIA
	case f.System.Container != "":
		finding.Mend = fmt.Sprintf("%s --group-add $(stat -c %%g %s)", runDRI, n.Path)
	case c.proprietary():
		finding.Mend = "sudo chmod a+rw /dev/nvidia*"
	case group.Member:
		finding.What += " It is in the group " + group.Name + ", but only since after you logged in."
		finding.Mend = "log in again"
	default:
		finding.Mend = fmt.Sprintf("sudo usermod -aG %s $USER, then log in again", group.Name)
	}
	return finding
}

// ofVulkan returns why Vulkan does not offer a card that a driver can reach.
func (f Facts) ofVulkan(c Card, m maker, card string) (_ Finding, ok bool) {
	if f.Loader == "" || slices.ContainsFunc(f.Variables, func(v Variable) bool { return v.Hides }) {
		return Finding{}, false
	}
	var own []Driver
	for _, d := range f.Drivers {
		if slices.ContainsFunc(m.drivers, func(word string) bool { return strings.Contains(d.name(), word) }) {
			own = append(own, d)
		}
	}
	switch {
	case len(own) == 0 && f.Variable != "":
		return Finding{"no-card-driver", card + " has no driver among the files that " + f.Variable + " names.", "unset " + f.Variable}, true
	case len(own) == 0 && c.proprietary() && f.System.Container != "":
		return Finding{"no-card-driver", card + " has no driver of Vulkan in this container.", runNVIDIA}, true
	case len(own) == 0:
		return Finding{"no-card-driver", card + " has no driver of Vulkan.", f.install(m.pack)}, true
	case slices.ContainsFunc(own, func(d Driver) bool { return d.Outcome != Outcome{} || len(d.Adapters) > 0 }):
		return Finding{}, false
	}
	return Finding{"not-offered", fmt.Sprintf("%s has a driver of Vulkan, %s, which does not offer it. The card may be too old, or the driver or the kernel.", card, own[0].name()), "vulkaninfo --summary tells what the driver says"}, true
}

// ofWSL returns why Linux on Windows has no GPU.
func (f Facts) ofWSL(software bool) []Finding {
	switch {
	case !software:
		return nil
	case !slices.ContainsFunc(f.Nodes, func(n Node) bool { return n.Path == "/dev/dxg" }):
		return []Finding{{"wsl", "Linux on Windows has no GPU: there is no /dev/dxg.", "install the GPU maker's driver in Windows, then: wsl --update; WSL 1 has none, wsl --set-version NAME 2 changes that"}}
	case !slices.ContainsFunc(f.Drivers, func(d Driver) bool { return strings.Contains(d.name(), "dzn") }):
		return []Finding{{"wsl-driver", "Linux on Windows has a GPU (/dev/dxg), but no driver of Vulkan for it: Mesa's dozen (dzn).", "run wgpucnn.exe of the archive for Windows, or install a Mesa that has dzn_icd, or try: GALLIUM_DRIVER=d3d12 wgpucnn devices --backend gl"}}
	}
	return []Finding{{"wsl-driver", "Linux on Windows has a GPU (/dev/dxg) and a driver of Vulkan for it, Mesa's dozen (dzn), which does not offer it.", "update the GPU maker's driver in Windows, and Mesa"}}
}
