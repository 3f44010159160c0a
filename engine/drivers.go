//go:build !js

package engine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"wgpucnn/engine/internal/native"
)

// The bounds of what BrokenDrivers reads.
const (
	maxDriverFiles     = 64
	maxDriverFileBytes = 1 << 20
)

// BrokenDrivers returns one line that names the broken files among those that describe Vulkan
// drivers, and says what to do. It returns "" if no file is broken. One broken file can hide
// all adapters of Vulkan, and Options.Backend "auto" then falls back to OpenGL.
//
// It reads the files that the Vulkan loader reads on Linux, and loads their drivers. On other
// systems it returns "".
func BrokenDrivers() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	var broken []string
	variable, files := DriverFiles()
	if variable != "" && len(files) == 0 {
		broken = append(broken, fmt.Sprintf("%s=%s names no driver file", variable, os.Getenv(variable)))
	}
	for _, file := range files[:min(len(files), maxDriverFiles)] {
		if err := checkDriverFile(file); err != nil {
			broken = append(broken, "driver file "+err.Error())
		}
	}
	switch {
	case len(broken) == 0:
		return ""
	case variable != "":
		return strings.Join(broken, "; ") + ": correct " + variable + ", or unset it"
	}
	return strings.Join(broken, "; ") + ": install the driver again, or name the other files in VK_DRIVER_FILES"
}

// DriverFiles returns the files that the Vulkan loader reads on Linux, in its order (Khronos,
// Driver interface to the Vulkan Loader, "Driver Discovery"). If an environment variable replaces
// the standard folders, DriverFiles returns its name too, else "".
func DriverFiles() (variable string, files []string) {
	for _, name := range []string{"VK_DRIVER_FILES", "VK_ICD_FILENAMES"} {
		if value := os.Getenv(name); value != "" {
			return name, expand(filepath.SplitList(value))
		}
	}
	home := os.Getenv("HOME")
	folders := slices.Concat(
		[]string{cmp.Or(os.Getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config"))},
		filepath.SplitList(cmp.Or(os.Getenv("XDG_CONFIG_DIRS"), "/etc/xdg")),
		[]string{"/etc", cmp.Or(os.Getenv("XDG_DATA_HOME"), filepath.Join(home, ".local/share"))},
		filepath.SplitList(cmp.Or(os.Getenv("XDG_DATA_DIRS"), "/usr/local/share:/usr/share")),
	)
	places := filepath.SplitList(os.Getenv("VK_ADD_DRIVER_FILES"))
	for _, folder := range folders {
		places = append(places, filepath.Join(folder, "vulkan/icd.d"))
	}
	return "", expand(places)
}

// driverHint returns what to do about a backend without adapters.
func driverHint(backend string) string {
	if name := backendName(backend); name != "auto" && name != "vulkan" {
		return ": choose another, or auto"
	}
	switch broken := BrokenDrivers(); {
	case broken != "":
		return ": " + broken
	case runtime.GOOS == "linux":
		return ": install a Vulkan driver (on Debian and Ubuntu: apt-get install libvulkan1 mesa-vulkan-drivers)"
	}
	return ": install the driver of the GPU's maker"
}

// expand returns the .json files in a list of files and folders.
func expand(places []string) []string {
	var files []string
	for _, place := range places {
		if strings.HasSuffix(place, ".json") {
			files = append(files, place)
			continue
		}
		entries, _ := os.ReadDir(place) // the loader too ignores a folder that it cannot read
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".json") {
				files = append(files, filepath.Join(place, entry.Name()))
			}
		}
	}
	return files
}

// checkDriverFile returns an error if a file is no manifest of a driver, or if its driver does
// not start.
func checkDriverFile(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, errors.Unwrap(err)) // without the name
	}
	if !info.Mode().IsRegular() || info.Size() > maxDriverFileBytes {
		return fmt.Errorf("%s: not a file of 1 MiB or less", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	}
	defer file.Close()
	var manifest struct {
		Version any `json:"file_format_version"`
		ICD     struct {
			Library string `json:"library_path"`
			API     any    `json:"api_version"`
		}
	}
	// A Decoder stops after the first value, as the loader does.
	err = json.NewDecoder(io.LimitReader(file, maxDriverFileBytes)).Decode(&manifest)
	var otherType *json.UnmarshalTypeError // the field stays empty and is reported below
	if err != nil && !errors.As(err, &otherType) {
		return fmt.Errorf("%s: no JSON: %w", name, err)
	}
	library := manifest.ICD.Library
	if manifest.Version == nil || library == "" || manifest.ICD.API == nil {
		return fmt.Errorf("%s: no manifest of a driver: want file_format_version, ICD.library_path and ICD.api_version", name)
	}
	if strings.Contains(library, "/") && !filepath.IsAbs(library) {
		library = filepath.Join(filepath.Dir(name), library)
	}
	if err := native.Driver(library); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
