package enginetest

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Display starts Xvfb with a screen of 1400 x 900 pixels and names it in DISPLAY. It ends with
// the test, or when end is called. Xvfb writes what it shows to the file Xvfb_screen0 of
// folder. Without Xvfb the test is skipped, or fails if WGPUCNN_REQUIRE_DISPLAY is 1.
func Display(tb testing.TB) (folder string, end func()) {
	tb.Helper()
	Tool(tb, "Xvfb")
	folder = tb.TempDir()
	reader, writer, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	defer reader.Close()
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1400x900x24", "-noreset", "-nolisten", "tcp", "-fbdir", folder)
	server.ExtraFiles = []*os.File{writer}
	err = server.Start()
	writer.Close()
	if err != nil {
		tb.Fatal(err)
	}
	end = func() {
		server.Process.Kill()
		server.Wait()
	}
	tb.Cleanup(end)
	number, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		tb.Fatalf("Xvfb named no display: %v", err)
	}
	tb.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
	return folder, end
}

// Tool skips a test if the program that it needs is not installed. It fails the test if
// WGPUCNN_REQUIRE_DISPLAY is 1.
func Tool(tb testing.TB, name string) {
	tb.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("WGPUCNN_REQUIRE_DISPLAY") == "1" {
			tb.Fatal(err)
		}
		tb.Skip(err)
	}
}
