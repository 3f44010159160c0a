package doctor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// System is the machine without its adapters.
type System struct {
	OS        string   `json:"os"`                 // as runtime.GOOS
	Arch      string   `json:"arch"`               // as runtime.GOARCH
	Name      string   `json:"name,omitempty"`     // of the distribution
	Families  []string `json:"families,omitempty"` // of the distribution, the nearest first
	Kernel    string   `json:"kernel,omitempty"`
	CPU       string   `json:"cpu,omitempty"`
	Cores     int      `json:"cores"`
	Memory    uint64   `json:"memory,omitempty"`    // bytes; 0 if it is not known
	Available uint64   `json:"available,omitempty"` // bytes that programs may still take
	Container string   `json:"container,omitempty"` // the kind of container that this is; "" for none
	WSL       bool     `json:"wsl,omitempty"`
	NoModeset bool     `json:"nomodeset,omitempty"` // the kernel was told to leave cards alone
	Groups    []Group  `json:"groups,omitempty"`    // those that may open the nodes, the first the usual one
}

// Group is a group of the system.
type Group struct {
	Name   string `json:"name"`
	Member bool   `json:"member"` // the user is a member, by the system's file
}

// The makers' PCI numbers.
const (
	amd    = 0x1002
	nvidia = 0x10de
	intel  = 0x8086
)

// Card is a display controller.
type Card struct {
	Slot   string `json:"slot"` // "0000:03:00.0"
	Vendor uint32 `json:"vendor"`
	Device uint32 `json:"device"`
	Module string `json:"module,omitempty"` // the kernel's driver; "" for none
	Memory uint64 `json:"memory,omitempty"` // bytes of its own; 0 if it is not known
	Limit  string `json:"limit,omitempty"`  // of a submission, as the kernel's driver has it in milliseconds
}

// Node is a device file.
type Node struct {
	Path   string `json:"path"`
	Denied bool   `json:"denied"` // the user may not open it
}

// system returns what the system tells about itself.
func (m Machine) system() System {
	s := System{OS: m.OS, Arch: runtime.GOARCH, Cores: runtime.NumCPU()}
	switch m.OS {
	case "linux":
		m.linux(&s)
	case "darwin":
		o := m.Run(Command{Program: "sysctl", Args: []string{"-n", "hw.memsize", "machdep.cpu.brand_string"}, Limit: askLimit})
		memory, cpu, _ := strings.Cut(strings.TrimSpace(o.Out), "\n")
		s.Memory, _ = strconv.ParseUint(memory, 10, 64)
		s.CPU = cpu
	case "windows":
		s.CPU = m.Getenv("PROCESSOR_IDENTIFIER")
	}
	return s
}

func (m Machine) linux(s *System) {
	release := m.fields("etc/os-release", "=")
	s.Name = strings.Trim(release["PRETTY_NAME"], `"`)
	s.Families = strings.Fields(strings.ReplaceAll(release["ID"]+" "+release["ID_LIKE"], `"`, ""))
	s.Kernel = m.text("proc/sys/kernel/osrelease")
	s.CPU = m.fields("proc/cpuinfo", ":")["model name"]
	memory := m.fields("proc/meminfo", ":")
	s.Memory, s.Available = kibibytes(memory["MemTotal"]), kibibytes(memory["MemAvailable"])
	s.Container = m.container()
	s.WSL = strings.Contains(strings.ToLower(s.Kernel), "microsoft")
	s.NoModeset = slices.Contains(strings.Fields(m.text("proc/cmdline")), "nomodeset")
	user := m.Getenv("USER")
	for line := range strings.Lines(m.text("etc/group")) {
		parts := strings.Split(strings.TrimSpace(line), ":")
		if len(parts) == 4 && (parts[0] == "render" || parts[0] == "video") {
			s.Groups = append(s.Groups, Group{parts[0], user != "" && slices.Contains(strings.Split(parts[3], ","), user)})
		}
	}
	slices.SortFunc(s.Groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
}

// container returns the kind of the container that this is, or "".
func (m Machine) container() string {
	switch {
	case m.exists(".dockerenv"):
		return "docker"
	case m.exists("run/.containerenv"):
		return "podman"
	case m.Getenv("KUBERNETES_SERVICE_HOST") != "":
		return "kubernetes"
	}
	return m.Getenv("container")
}

// cards returns the display controllers of the PCI bus.
func (m Machine) cards() []Card {
	cards := []Card{}
	folders, _ := fs.Glob(m.Root, "sys/bus/pci/devices/*")
	for _, folder := range folders {
		number := func(file string) uint32 {
			n, _ := strconv.ParseUint(m.text(path.Join(folder, file)), 0, 32)
			return uint32(n)
		}
		if number("class")>>16 != 3 {
			continue
		}
		c := Card{Slot: path.Base(folder), Vendor: number("vendor"), Device: number("device"), Module: m.fields(path.Join(folder, "uevent"), "=")["DRIVER"]}
		for _, file := range []string{"mem_info_vram_total", "tile0/physical_vram_size_bytes"} { // amdgpu, xe
			if n, err := strconv.ParseUint(m.text(path.Join(folder, file)), 0, 64); err == nil {
				c.Memory = n
			}
		}
		c.Limit = m.limit(c.Module, folder)
		cards = append(cards, c)
	}
	return cards
}

// nodes returns the device files through which drivers reach cards.
func (m Machine) nodes() []Node {
	nodes := []Node{}
	for _, pattern := range []string{"dev/dri/renderD*", "dev/nvidiactl", "dev/dxg"} {
		names, _ := fs.Glob(m.Root, pattern)
		for _, name := range names {
			file, err := m.Root.Open(name)
			if err == nil {
				file.Close()
			}
			nodes = append(nodes, Node{"/" + name, errors.Is(err, fs.ErrPermission)})
		}
	}
	return nodes
}

// loaderFile is the library by which programs find the drivers of Vulkan.
const loaderFile = "libvulkan.so.1"

// loader returns where the system's linker finds Vulkan's loader, or "".
func (m Machine) loader() string {
	folders := strings.FieldsFunc(m.Getenv("LD_LIBRARY_PATH"), func(r rune) bool { return r == ':' || r == ';' })
	for _, folder := range folders {
		if path.IsAbs(folder) && m.exists(strings.TrimPrefix(path.Join(folder, loaderFile), "/")) {
			return path.Join(folder, loaderFile)
		}
	}
	if _, rest, ok := strings.Cut(m.text("etc/ld.so.cache"), loaderFile+"\x00"); ok {
		if where, _, ok := strings.Cut(rest, "\x00"); ok && strings.HasSuffix(where, "/"+loaderFile) {
			return where
		}
		return loaderFile
	}
	for _, folder := range []string{"lib64", "usr/lib64", "lib", "usr/lib"} {
		if name := path.Join(folder, loaderFile); m.exists(name) {
			return "/" + name
		}
	}
	return ""
}

func (m Machine) exists(name string) bool {
	_, err := fs.Stat(m.Root, name)
	return err == nil
}

// maxFile is the most bytes that are read of a file. The cache of a linker has a few million.
const maxFile = 16 << 20

// text returns a file without the blanks around it. It returns "" for a file that cannot be read.
func (m Machine) text(name string) string {
	file, err := m.Root.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// fields returns the lines "name = value" of a file. Of equal names the first counts.
func (m Machine) fields(name, between string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(m.text(name)) {
		key, value, ok := strings.Cut(line, between)
		if key = strings.TrimSpace(key); ok && fields[key] == "" {
			fields[key] = strings.TrimSpace(value)
		}
	}
	return fields
}

// kibibytes returns the bytes of "24684084 kB".
func kibibytes(text string) uint64 {
	var n uint64
	fmt.Sscanf(text, "%d kB", &n)
	return n << 10
}
