package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the stubs of TestRun call main.
func TestMain(m *testing.M) {
	if os.Getenv("KIT_TABLE") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

// stubs stand in for the programs of the kit. They print what a GPU could give.
var stubs = map[string]string{
	"wgpucnn": `case $1 in
version) echo wgpucnn v1 ;;
devices) printf '0: A GPU\n   type       discrete GPU\n   driver     NVIDIA 1.2\n' ;;
help) echo '      --limits whose' ;;
verify)
  while [ $# -gt 1 ]; do shift; done
  echo '{"adapters": [{"results": [{"cases": 7}]}]}' >"$1"
  ! grep -q default <<<"$1" ;;
bench)
  while [ $# -gt 1 ]; do shift; done
  echo '{"adapters": [{"measurements": [{"group": "peaks", "name": "a", "seconds": {"median": 1e-3, "p25": 1e-3}, "flops": 64e9}]}]}' >"$1" ;;
train)
  while [ $# -gt 1 ]; do shift; done
  mkdir "$1" && printf '{\n      "seconds": 0.5,\n      "compile_seconds": 9\n}\n' >"$1/summary.json" ;;
esac`,
	"train.test": `case $4 in
Epoch) echo 'BenchmarkEpoch/base-8 500 700000 ns/op' ;;
Step) echo 'BenchmarkStep/base-8 6000 50000 ns/op 21699 params' ;;
esac`,
	"verify.test": "echo 'BenchmarkConv2d/forward-8 6000 60000 ns/op 32000 GFLOP/s'",
	"python": `[ "$1" != -c ] || { echo 2.0 on A GPU; exit; }
echo 'BenchmarkPyTorch/step/base/graph/tf32=off 400 250000 ns/op 21699 params'
exit 1`,
	"nvidia-smi": "echo 1980 MHz",
}

// kitFolder returns a folder with the scripts of the kit and the stubs.
func kitFolder(t *testing.T) string {
	t.Helper()
	kit := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"table": "#!/bin/bash\nKIT_TABLE=1 exec " + self + ` "$@"`}
	for name, text := range stubs {
		files[name] = "#!/bin/bash\n" + text
	}
	for _, name := range []string{"run.sh", "driver.sh"} {
		text, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(kit, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return kit
}

// runKit runs run.sh and returns what it printed.
func runKit(kit string, args ...string) (string, error) {
	command := exec.Command(filepath.Join(kit, "run.sh"), args...)
	command.Env = append(os.Environ(), "PYTHON="+filepath.Join(kit, "python"), "PATH="+kit+":"+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	return string(out), err
}

// A call runs every part in five rounds, and ends with the table. A part that fails is listed.
func TestRun(t *testing.T) {
	kit := kitFolder(t)
	out := filepath.Join(kit, "out")
	text, err := runKit(kit, "--out", out)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	data, err := os.ReadFile(filepath.Join(out, "results.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var r result
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"verify":                  "7 cases, 0 failed, 0 skipped|reached",
		"verify --limits default": "7 cases, 0 failed, 0 skipped|reached",
		"step of base, batch 128": "50 us (50 to 50)|reached",
		"base against PyTorch's CUDA graph, TF32 off":           "5x (5 to 5)|reached",
		"500 epochs of base with evaluation":                    "0.35 s (0.35 to 0.35)|reached",
		"500 epochs by `wgpucnn train`, on a GPU that was idle": "0.5 s (0.5 to 0.5)|",
		"convolution forward, share of the peak":                "50 % (50 to 50)|missed",
	} {
		if got := r.find(t, line); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	for _, want := range []string{"gpu: yes", "adapter: A GPU, NVIDIA 1.2", "pytorch: 2.0 on A GPU", "clock: 1980 MHz after round 5 of wgpucnn"} {
		if !slices.Contains(r.Machine, want) {
			t.Errorf("no %q in %q", want, r.Machine)
		}
	}
	if len(r.Failures) != 6 || !strings.HasPrefix(r.Failures[0], "verify: --limits default: failed") || !strings.HasPrefix(r.Failures[5], "PyTorch: round 5: a part failed") {
		t.Errorf("failures: got %q", r.Failures)
	}
	if !strings.HasSuffix(text, "\n"+r.String()) {
		t.Errorf("the call does not end with the table:\n%s", text)
	}
}

// A wrong flag is a usage error that names the flag.
func TestRunUsage(t *testing.T) {
	kit := kitFolder(t)
	for _, args := range [][]string{{"--out"}, {"--quick"}} {
		text, err := runKit(kit, args...)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(text, args[0]) {
			t.Errorf("%q: %v: %s", args, err, text)
		}
	}
}
