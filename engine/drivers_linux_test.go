package engine

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes a file and its folders.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// setDriverFiles sets the variables that the loader reads. It empties those that are not given.
func setDriverFiles(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{"VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS"} {
		t.Setenv(name, variables[name])
	}
}

// DriverFiles returns the files that the Vulkan loader takes, in its order.
func TestDriverFiles(t *testing.T) {
	root := t.TempDir()
	in := func(names ...string) []string {
		for i := range names {
			names[i] = filepath.Join(root, names[i])
		}
		return names
	}
	for _, name := range in("a.json", "more/b.json", "more/c.json", "more/d.txt", "home/.config/vulkan/icd.d/e.json", "home/.local/share/vulkan/icd.d/f.json", "data/vulkan/icd.d/g.json", "etc/vulkan/icd.d/h.json") {
		write(t, name, "")
	}
	t.Setenv("HOME", root+"/home")
	for _, c := range []struct {
		variables map[string]string
		variable  string
		want      []string
	}{
		{map[string]string{"VK_DRIVER_FILES": root + "/a.json", "VK_ICD_FILENAMES": root + "/b.json", "VK_ADD_DRIVER_FILES": root + "/more"}, "VK_DRIVER_FILES", in("a.json")},
		{map[string]string{"VK_ICD_FILENAMES": root + "/none.json:" + root + "/more"}, "VK_ICD_FILENAMES", in("none.json", "more/b.json", "more/c.json")},
		{map[string]string{"VK_DRIVER_FILES": root + "/none"}, "VK_DRIVER_FILES", nil},
		{
			map[string]string{"VK_ADD_DRIVER_FILES": root + "/a.json", "XDG_CONFIG_DIRS": root + "/etc", "XDG_DATA_DIRS": root + "/none:" + root + "/data"}, "",
			in("a.json", "home/.config/vulkan/icd.d/e.json", "etc/vulkan/icd.d/h.json", "home/.local/share/vulkan/icd.d/f.json", "data/vulkan/icd.d/g.json"),
		},
		{
			map[string]string{"XDG_CONFIG_HOME": root + "/none", "XDG_DATA_HOME": root + "/data", "XDG_DATA_DIRS": root + "/none"}, "", in("data/vulkan/icd.d/g.json"),
		},
	} {
		setDriverFiles(t, c.variables)
		variable, got := DriverFiles()
		got = slices.DeleteFunc(got, func(name string) bool { return !strings.HasPrefix(name, root) }) // /etc is always searched
		if variable != c.variable || !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, %q; want %q, %q", c.variables, variable, got, c.variable, c.want)
		}
	}
}

// driver is a Vulkan driver whose vkCreateInstance returns RESULT.
const driver = `
#include <stddef.h>
#include <string.h>
static int create(void *info, void *allocator, void **instance) { *instance = NULL; return RESULT; }
void *vk_icdGetInstanceProcAddr(void *instance, char const *name) { return strcmp(name, "vkCreateInstance") ? NULL : (void *)create; }
`

// BrokenDrivers names each kind of broken file and its fault on one line. It does not name a
// sound file.
func TestBrokenDrivers(t *testing.T) {
	root := t.TempDir()
	for result, name := range map[int]string{0: "sound.so", -9: "nodevice.so", -1: "failing.so"} {
		write(t, root+"/driver.c", driver)
		build := exec.Command(cmp.Or(os.Getenv("CC"), "gcc"), "-shared", "-fPIC", fmt.Sprintf("-DRESULT=%d", result), "-o", filepath.Join(root, name), root+"/driver.c")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	write(t, root+"/text.so", "no library")
	write(t, root+"/other.so", "\x7fELF\x01\x01\x01"+strings.Repeat("\x00", 100)) // a library of 32 bits
	of := func(library string) string {
		return `{"file_format_version": "1.0.0", "ICD": {"library_path": "` + library + `", "api_version": "1.3.0"}}`
	}
	for _, c := range []struct{ text, want string }{
		{of("./sound.so"), ""},
		{of(root + "/sound.so"), ""},
		{of("./sound.so") + " more", ""}, // the loader stops after the first value too
		{of("./nodevice.so"), ""},
		{of("./other.so"), ""},
		{"", "no JSON: EOF"},
		{"{", "no JSON: unexpected EOF"},
		{"\xef\xbb\xbf" + of("./sound.so"), "no JSON: invalid character"},
		{strings.Repeat("[", 1<<20), "exceeded max depth"},
		{strings.Repeat(" ", 1<<20+1), "not a file of 1 MiB or less"},
		{"null", "no manifest of a driver: want file_format_version"},
		{"[]", "no manifest of a driver"},
		{`{"file_format_version": "1.0.0", "ICD": "./sound.so"}`, "no manifest of a driver"},
		{`{"file_format_version": "1.0.0", "ICD": {"library_path": 5, "api_version": "1.3.0"}}`, "no manifest of a driver"},
		{`{"file_format_version": "1.0.0", "ICD": {"library_path": "./sound.so"}}`, "no manifest of a driver"},
		{`{"ICD": {"library_path": "./sound.so", "api_version": "1.3.0"}}`, "no manifest of a driver"},
		{of("./none.so"), root + "/none.so: cannot open shared object file"},
		{of("libvulkan_none.so"), "libvulkan_none.so: cannot open shared object file"},
		{of("./text.so"), root + "/text.so: "},
		{of("libm.so.6"), "libm.so.6: no Vulkan driver"},
		{of("./failing.so"), root + "/failing.so: vkCreateInstance fails with VkResult -1"},
	} {
		file := root + "/driver.json"
		write(t, file, c.text)
		setDriverFiles(t, map[string]string{"VK_DRIVER_FILES": file})
		got := BrokenDrivers()
		if c.want == "" && got != "" || !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%.80s: got %q, want %q", c.text, got, c.want)
		}
		if c.want != "" && (!strings.HasPrefix(got, "driver file "+file+": ") || !strings.HasSuffix(got, ": correct VK_DRIVER_FILES, or unset it")) {
			t.Errorf("%.80s: got %q, want the file and what to do", c.text, got)
		}
	}

	// Missing files, one and several.
	for value, want := range map[string]string{
		root + "/none.json":                        "driver file " + root + "/none.json: no such file or directory",
		root + "/none.json:" + root + "/also.json": "none.json: no such file or directory; driver file " + root + "/also.json: no such",
		"/none": "VK_DRIVER_FILES=/none names no driver file: correct",
	} {
		setDriverFiles(t, map[string]string{"VK_DRIVER_FILES": value})
		if got := BrokenDrivers(); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	}
	write(t, root+"/data/vulkan/icd.d/driver.json", "{")
	setDriverFiles(t, map[string]string{"XDG_DATA_HOME": root + "/data"})
	if got, want := BrokenDrivers(), "driver.json: no JSON: unexpected EOF"; !strings.Contains(got, want) || !strings.HasSuffix(got, ": install the driver again, or name the other files in VK_DRIVER_FILES") {
		t.Errorf("got %q, want %q and what to do", got, want)
	}
	folder := filepath.Join(root, "folder.json")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	setDriverFiles(t, map[string]string{"VK_DRIVER_FILES": folder})
	if got := BrokenDrivers(); !strings.Contains(got, folder+": not a file") {
		t.Errorf("got %q, want the folder named", got)
	}
}
