package energy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"wgpucnn/engine"
)

// hwmon takes the meter that one of the drivers gives to the card of the adapter.
//
// energy1_input counts microjoules. Else power1_average or power1_input tells the microwatts at
// present (the kernel's Documentation/hwmon/sysfs-interface).
func (m *Meter) hwmon(root fs.FS, a engine.Adapter, drivers ...string) error {
	switch n := cards(root, a); {
	case n == 0:
		return fmt.Errorf("the system has no card %s", numbers(a))
	case n > 1:
		return ambiguous(n, a)
	}
	folders, err := fs.Glob(root, "sys/class/hwmon/hwmon*")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		driver := text(root, path.Join(folder, "name"))
		if !slices.Contains(drivers, driver) || !isCard(root, path.Join(folder, "device"), a) {
			continue
		}
		m.Name = driver + " hwmon"
		for _, file := range []string{"energy1_input", "power1_average", "power1_input"} {
			name := path.Join(folder, file)
			if _, err := micro(root, name); err != nil {
				continue
			}
			read := func() (float64, error) { return micro(root, name) }
			if file == "energy1_input" {
				m.counters = []counter{{joules: read}}
			} else {
				m.watts = read
			}
			return nil
		}
		return fmt.Errorf("%s tells neither energy nor power of the card", m.Name)
	}
	return fmt.Errorf("the card %s has no hwmon of %s", numbers(a), strings.Join(drivers, " or "))
}

// cards returns the number of PCI devices of the adapter's kind.
func cards(root fs.FS, a engine.Adapter) int {
	folders, _ := fs.Glob(root, "sys/bus/pci/devices/*")
	count := 0
	for _, folder := range folders {
		if isCard(root, folder, a) {
			count++
		}
	}
	return count
}

// isCard reports whether the folder of a PCI device has the adapter's numbers.
func isCard(root fs.FS, folder string, a engine.Adapter) bool {
	return text(root, path.Join(folder, "vendor")) == fmt.Sprintf("0x%04x", a.Vendor) &&
		text(root, path.Join(folder, "device")) == fmt.Sprintf("0x%04x", a.Device)
}

func ambiguous(n int, a engine.Adapter) error {
	return fmt.Errorf("there are %d cards of the kind %s, and it is not known which one the adapter is", n, numbers(a))
}

// numbers returns the adapter's PCI numbers: "10de:2330".
func numbers(a engine.Adapter) string { return fmt.Sprintf("%04x:%04x", a.Vendor, a.Device) }

// rapl takes the counters of all processors (the kernel's Documentation/power/powercap). A package
// counts its cores, caches and memory controller, but not the memory.
func (m *Meter) rapl(root fs.FS) error {
	m.Name = "RAPL package"
	folders, err := fs.Glob(root, "sys/class/powercap/intel-rapl:*")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !strings.HasPrefix(text(root, path.Join(folder, "name")), "package-") {
			continue // a part of a package, or a whole machine
		}
		name := path.Join(folder, "energy_uj")
		if _, err := micro(root, name); errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("%w: on most systems only root reads RAPL", err)
		}
		wrap, err := micro(root, path.Join(folder, "max_energy_range_uj"))
		if err != nil {
			return err
		}
		m.counters = append(m.counters, counter{func() (float64, error) { return micro(root, name) }, wrap})
	}
	if m.counters == nil {
		return errors.New("the system has no RAPL counter of a processor")
	}
	return nil
}

// longest is the most bytes that are read of a file.
const longest = 64

// text returns a short file without the blanks around it. It returns "" for a file that cannot be
// read.
func text(root fs.FS, name string) string {
	s, err := read(root, name)
	if err != nil {
		return ""
	}
	return s
}

func read(root fs.FS, name string) (string, error) {
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, longest))
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(data)), nil
}

// micro returns the number in a file in units of a million.
func micro(root fs.FS, name string) (float64, error) {
	s, err := read(root, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("/%s: %.20q: want a number of 0 or more", name, s)
	}
	return float64(n) / 1e6, nil
}
