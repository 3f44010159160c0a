// Package wine tries the archive for Windows that "make dist" packs, under Wine, on lavapipe. What the program
// computes there is compared with what the program of the archive for Linux computes. "make wine" packs the
// archives and runs the tests.
package wine

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/engine/enginetest"
)

// rig is a Windows of Wine with both programs and a folder to work in.
type rig struct {
	windows, linux string // the programs
	folder         string
	environment    []string
}

// newRig unpacks the archives, starts a display, and makes a Windows without other programs.
func newRig(t *testing.T) rig {
	t.Helper()
	for _, tool := range []string{"wine", "wineserver", "x86_64-w64-mingw32-gcc"} {
		enginetest.Tool(t, tool)
	}
	drivers, err := filepath.Glob("/usr/share/vulkan/icd.d/lvp_icd*.json")
	if err != nil || len(drivers) == 0 {
		t.Fatal("lavapipe is not installed: run make wine")
	}
	enginetest.Display(t) // Wine has no Vulkan without one
	folder, prefix := t.TempDir(), t.TempDir()
	r := rig{
		windows: filepath.Join(unzip(t, archive(t, "windows-amd64.zip")), "wgpucnn.exe"),
		linux:   filepath.Join(untar(t, archive(t, "linux-amd64.tar.gz")), "wgpucnn"),
		folder:  folder,
		environment: append(os.Environ(), "WINEPREFIX="+prefix, "WINEDEBUG=-all", "WGPU_BACKEND=vulkan",
			"VK_ICD_FILENAMES="+drivers[0], "VK_DRIVER_FILES="+drivers[0], "XDG_CACHE_HOME="+t.TempDir()),
	}
	t.Cleanup(func() { r.command("wineserver", "-k", "-w").Run() })
	// The server stays between two programs, because its start is slow. It and Windows' services would keep pipes open.
	for _, words := range [][]string{{"wineserver", "-p"}, {"wine", "wineboot", "-i"}} {
		if err := r.command(words[0], words[1:]...).Run(); err != nil {
			t.Fatalf("%q: %v", words, err)
		}
	}
	r.must(t, prng, "x86_64-w64-mingw32-gcc", "-x", "c", "-shared", "-o", filepath.Join(prefix, "drive_c/windows/system32/bcryptprimitives.dll"), "-", "-ladvapi32")
	return r
}

// prng is the one function of bcryptprimitives.dll that Go calls. Windows has this library, Wine 8 lacks it.
const prng = `
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); // RtlGenRandom
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) { return SystemFunction036(buffer, length); }
`

// archive returns the path of the archive whose name ends so.
func archive(t *testing.T, end string) string {
	t.Helper()
	found, err := filepath.Glob("../../bin/dist/*-" + end)
	if err != nil || len(found) != 1 {
		t.Fatalf("bin/dist has %d archives of %s, want 1: run make dist", len(found), end)
	}
	return found[0]
}

// unzip unpacks an archive and returns the folder in it.
func unzip(t *testing.T, path string) string {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	to := t.TempDir()
	if err := os.CopyFS(to, r); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(to, strings.TrimSuffix(filepath.Base(path), ".zip"))
}

// untar unpacks an archive and returns the folder in it.
func untar(t *testing.T, path string) string {
	t.Helper()
	to := t.TempDir()
	if out, err := exec.Command("tar", "-C", to, "-xzf", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return filepath.Join(to, strings.TrimSuffix(filepath.Base(path), ".tar.gz"))
}

// command returns a command that works in the rig's folder.
func (r rig) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir, c.Env = r.folder, r.environment
	return c
}

// must runs a command that may not fail.
func (r rig) must(t *testing.T, input, name string, args ...string) {
	t.Helper()
	c := r.command(name, args...)
	c.Stdin = strings.NewReader(input)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, out)
	}
}

// run runs the program for Windows by a command line without quotes. It returns the exit status and both outputs.
func (r rig) run(t *testing.T, line string) (status int, out, errs string) {
	t.Helper()
	return ends(t, r.command("wine", append([]string{r.windows}, strings.Fields(line)...)...))
}

// native runs the program for Linux in the same way.
func (r rig) native(t *testing.T, line string) (status int, out, errs string) {
	t.Helper()
	return ends(t, r.command(r.linux, strings.Fields(line)...))
}

// ends runs a command to its end.
func ends(t *testing.T, c *exec.Cmd) (status int, out, errs string) {
	t.Helper()
	var both [2]bytes.Buffer
	c.Stdout, c.Stderr = &both[0], &both[1]
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), plain(&both[0]), plain(&both[1])
}

// plain returns a text with the line ends of Linux.
func plain(r io.Reader) string {
	text, _ := io.ReadAll(r)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// same fails unless a file of two folders has the same bytes.
func (r rig) same(t *testing.T, one, other string, names ...string) {
	t.Helper()
	for _, name := range names {
		a, err := os.ReadFile(filepath.Join(r.folder, one, name))
		b, errOther := os.ReadFile(filepath.Join(r.folder, other, name))
		if err := errors.Join(err, errOther); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: that of %s is not that of %s: %v", name, one, other, err)
		}
	}
}
