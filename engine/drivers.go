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

// Bounds of what BrokenDrivers reads.
const (
	mostDriverFiles     = 64
	mostDriverFileBytes = 1 << 20
)

// BrokenDrivers says in one line which of the files that name Vulkan's drivers are broken,
// and what to do. It returns "" if none is. One broken file can keep Vulkan from all its
// adapters, and Options.Backend "auto" then takes OpenGL's.
//
// It looks at the files that the Vulkan loader takes on Linux, and loads the drivers.
// Elsewhere it returns "".
func BrokenDrivers() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	var broken []string
	variable, files := driverFiles()
	if variable != "" && len(files) == 0 {
		broken = append(broken, fmt.Sprintf("%s=%s names no driver file", variable, os.Getenv(variable)))
	}
	for _, file := range files[:min(len(files), mostDriverFiles)] {
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

// driverFiles returns the files that the Vulkan loader takes, and the variable that names
// them in place of the standard folders, "" for those (Khronos, Driver interface to the
// Vulkan Loader, "Driver Discovery"). The folders are in the loader's order.
func driverFiles() (variable string, files []string) {
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

// expand returns the files among places, and those in the folders among them.
func expand(places []string) []string {
	var files []string
	for _, place := range places {
		if strings.HasSuffix(place, ".json") {
			files = append(files, place)
			continue
		}
		entries, _ := os.ReadDir(place) // what cannot be read is none for the loader too
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".json") {
				files = append(files, filepath.Join(place, entry.Name()))
			}
		}
	}
	return files
}

// checkDriverFile returns an error for a file that is no manifest of a driver, or whose
// driver does not start.
func checkDriverFile(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, errors.Unwrap(err)) // without the name
	}
	if !info.Mode().IsRegular() || info.Size() > mostDriverFileBytes {
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
	// A decoder, since the loader too reads no further than the first value.
	err = json.NewDecoder(io.LimitReader(file, mostDriverFileBytes)).Decode(&manifest)
	var otherType *json.UnmarshalTypeError // leaves the field empty
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
