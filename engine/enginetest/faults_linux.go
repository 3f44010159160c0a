package enginetest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

//go:embed testdata/faults.c
var faultsSource []byte

// FaultyDriver lets the programs that a test starts find one Vulkan driver alone. It passes each call on to
// Mesa's driver for the CPU, and lets one fail as testdata/faults.c says.
func FaultyDriver(tb testing.TB) {
	tb.Helper()
	folder := tb.TempDir()
	source, library, manifest := filepath.Join(folder, "faults.c"), filepath.Join(folder, "libfaults.so"), filepath.Join(folder, "faults.json")
	text := fmt.Sprintf(`{"file_format_version": "1.0.0", "ICD": {"library_path": %q, "api_version": "1.1.0"}}`, library)
	for path, text := range map[string][]byte{source: faultsSource, manifest: []byte(text)} {
		if err := os.WriteFile(path, text, 0o666); err != nil {
			tb.Fatal(err)
		}
	}
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl").CombinedOutput(); err != nil {
		tb.Fatalf("cc: %v: %s", err, out)
	}
	tb.Setenv("FAULT_DRIVER", softwareDriver(tb))
	tb.Setenv("VK_DRIVER_FILES", manifest)
	tb.Setenv("VK_ICD_FILENAMES", manifest)
}

// softwareDriver returns the path of Mesa's Vulkan driver for the CPU.
func softwareDriver(tb testing.TB) string {
	tb.Helper()
	files, _ := filepath.Glob("/usr/share/vulkan/icd.d/lvp_icd*.json")
	var manifest struct {
		ICD struct {
			Library string `json:"library_path"`
		}
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && json.Unmarshal(text, &manifest) == nil {
			return manifest.ICD.Library
		}
	}
	tb.Fatal("no lvp_icd*.json in /usr/share/vulkan/icd.d: install mesa-vulkan-drivers")
	return ""
}
