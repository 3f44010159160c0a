package energy

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wgpucnn/engine"
)

// system holds the texts of files. The text "denied" stands for a file that may not be read.
type system map[string]string

func (s system) Open(name string) (fs.File, error) {
	files := fstest.MapFS{}
	for file, text := range s {
		files[file] = &fstest.MapFile{Data: []byte(text)}
	}
	if s[name] == "denied" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return files.Open(name)
}

// with returns s with other files.
func (s system) with(files ...string) system {
	other := system{}
	for name, text := range s {
		other[name] = text
	}
	for i := 0; i < len(files); i += 2 {
		other[files[i]] = files[i+1]
	}
	return other
}

const (
	rapl0 = "sys/class/powercap/intel-rapl:0/"
	rapl1 = "sys/class/powercap/intel-rapl:1/"
	hwmon = "sys/class/hwmon/hwmon3/"
	pci   = "sys/bus/pci/devices/0000:03:00.0/"
	other = "sys/bus/pci/devices/0000:04:00.0/"
)

// processors is a machine of two processors. The parts of a package and the whole machine have
// counters too.
var processors = system{
	rapl0 + "name": "package-0\n", rapl0 + "energy_uj": "1000000\n", rapl0 + "max_energy_range_uj": "262143328850\n",
	rapl1 + "name": "package-1\n", rapl1 + "energy_uj": "262143000000\n", rapl1 + "max_energy_range_uj": "262143328850\n",
	"sys/class/powercap/intel-rapl:0:0/name": "core\n", "sys/class/powercap/intel-rapl:0:0/energy_uj": "5\n",
	"sys/class/powercap/intel-rapl:2/name": "psys\n", "sys/class/powercap/intel-rapl:2/energy_uj": "5\n",
}

// The counters of all processors are added up, and one of them begins again at 0.
func TestRAPL(t *testing.T) {
	s := processors.with()
	m, err := find(engine.Adapter{Type: engine.CPU, Backend: "Vulkan"}, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "RAPL package" || len(m.counters) != 2 {
		t.Errorf("got %s of %d counters", m.Name, len(m.counters))
	}
	span, err := m.Start()
	if err != nil {
		t.Fatal(err)
	}
	span.began = span.began.Add(-4 * time.Second)
	s[rapl0+"energy_uj"], s[rapl1+"energy_uj"] = "201000000\n", "671150\n"
	if got, err := span.Stop(); err != nil || !(got > 200.99 && got < 201.01) { // 200 J and 1 J
		t.Errorf("got %v J, %v; want 201", got, err)
	}
}

// A counter that is not there, that may not be read, or that holds no number gives a reason.
func TestRAPLFailures(t *testing.T) {
	cpu := engine.Adapter{Type: engine.CPU, Backend: "Vulkan"}
	for _, c := range []struct {
		s    system
		want string
	}{
		{system{}, "the system has no RAPL counter of a processor"},
		{system{rapl0 + "name": "psys\n"}, "the system has no RAPL counter of a processor"},
		{processors.with(rapl0+"energy_uj", "denied"), "open " + rapl0 + "energy_uj: permission denied: on most systems only root reads RAPL"},
		{processors.with(rapl1+"energy_uj", ""), `/` + rapl1 + `energy_uj: "": want a number`},
		{processors.with(rapl1+"energy_uj", "-5"), `"-5": want a number`},
		{processors.with(rapl1+"energy_uj", "1e9"), `"1e9": want a number`},
		{processors.with(rapl1+"energy_uj", "99999999999999999999"), `want a number`},
		{processors.with(rapl1+"energy_uj", strings.Repeat("9\n", 1<<20)), `want a number`},
		{processors.with(rapl1+"energy_uj", "\x00\x1b[2J"), `"\x00\x1b[2J": want a number`},
		{processors.with(rapl1+"max_energy_range_uj", "-1"), `want a number`},
		{system{rapl0 + "name": "package-0"}, "energy_range_uj: file does not exist"},
	} {
		if m, err := find(cpu, c.s, ""); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %+v, %v; want %q", m, err, c.want)
		}
	}
}

// card returns a machine with a card whose driver gives it a meter.
func card(driver, vendor, device string, files ...string) system {
	s := system{
		pci + "vendor": vendor, pci + "device": device, other + "vendor": "0x1022\n", other + "device": device,
		"sys/class/hwmon/hwmon0/name": "acpitz\n", hwmon + "name": driver + "\n", hwmon + "device/vendor": vendor, hwmon + "device/device": device,
	}
	for i := 0; i < len(files); i += 2 {
		s[hwmon+files[i]] = files[i+1]
	}
	return s
}

// The driver's meter belongs to the only card with the adapter's numbers.
func TestHwmon(t *testing.T) {
	radeon := engine.Adapter{Type: engine.DiscreteGPU, Backend: "Vulkan", Vendor: amd, Device: 0x744c}
	arc := engine.Adapter{Type: engine.DiscreteGPU, Backend: "Vulkan", Vendor: intel, Device: 0x56a0}
	amdgpu := card("amdgpu", "0x1002\n", "0x744c\n", "power1_average", "155000000\n")
	for _, c := range []struct {
		name    string
		a       engine.Adapter
		s       system
		meter   string
		counter bool
		err     string
	}{
		{"average power", radeon, amdgpu, "amdgpu hwmon", false, ""},
		{"power", radeon, card("amdgpu", "0x1002", "0x744c", "power1_input", "155000000"), "amdgpu hwmon", false, ""},
		{"energy", radeon, amdgpu.with(hwmon+"energy1_input", "5"), "amdgpu hwmon", true, ""},
		{"damaged energy", radeon, amdgpu.with(hwmon+"energy1_input", "-5"), "amdgpu hwmon", false, ""},
		{"i915", arc, card("i915", "0x8086", "0x56a0", "energy1_input", "123456789"), "i915 hwmon", true, ""},
		{"xe", arc, card("xe", "0x8086", "0x56a0", "energy1_input", "123456789"), "xe hwmon", true, ""},
		{"nothing", radeon, card("amdgpu", "0x1002", "0x744c"), "", false, "amdgpu hwmon tells neither energy nor power of the card"},
		{"garbage", radeon, amdgpu.with(hwmon+"power1_average", "155 W"), "", false, "amdgpu hwmon tells neither"},
		{"two cards", radeon, amdgpu.with(other+"vendor", "0x1002"), "", false, "there are 2 cards of the kind 1002:744c, and it is not known which one the adapter is"},
		{"another card", radeon, card("amdgpu", "0x1002", "0x73bf", "power1_average", "1"), "", false, "the system has no card 1002:744c"},
		{"another driver", radeon, card("radeon", "0x1002", "0x744c", "power1_average", "1"), "", false, "the card 1002:744c has no hwmon of amdgpu"},
		{"the meter of another card", radeon, amdgpu.with(hwmon+"device/device", "0x73bf"), "", false, "the card 1002:744c has no hwmon of amdgpu"},
		{"no sysfs", arc, system{}, "", false, "the system has no card 8086:56a0"},
	} {
		m, err := find(c.a, c.s, "")
		if c.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("%s: got %+v, %v; want %q", c.name, m, err, c.err)
			}
			continue
		}
		if err != nil || m.Name != c.meter || (len(m.counters) == 1) != c.counter || (m.watts != nil) == c.counter {
			t.Errorf("%s: got %+v, %v; want %s, a counter: %t", c.name, m, err, c.meter, c.counter)
		}
	}
	m, err := find(radeon, amdgpu, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.watts(); err != nil || got != 155 {
		t.Errorf("got %v W, %v; want 155", got, err)
	}
}
