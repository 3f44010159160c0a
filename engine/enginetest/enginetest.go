// Package enginetest opens devices for tests and runs programs on them.
package enginetest

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"wgpucnn/engine"
)

// Open returns a device that is released when the test ends. Without an adapter the test is
// skipped, or fails if WGPUCNN_REQUIRE_GPU is 1.
func Open(tb testing.TB) *engine.Device {
	tb.Helper()
	dev, err := engine.Open(engine.Options{})
	if err != nil {
		if os.Getenv("WGPUCNN_REQUIRE_GPU") == "1" {
			tb.Fatal(err)
		}
		tb.Skip(err)
	}
	tb.Cleanup(dev.Release)
	return dev
}

// OpenAll opens the adapters that WGPUCNN_ADAPTERS names: "all", or numbers and parts of names,
// separated by commas. If the variable is empty, it is Open.
func OpenAll(tb testing.TB) []*engine.Device {
	tb.Helper()
	chosen, err := adapters(os.Getenv("WGPUCNN_ADAPTERS"))
	if err != nil {
		tb.Fatal(err)
	}
	if len(chosen) == 0 {
		return []*engine.Device{Open(tb)}
	}
	var devices []*engine.Device
	for _, o := range chosen {
		dev, err := engine.Open(o)
		if err != nil {
			tb.Fatalf("WGPUCNN_ADAPTERS: %v", err)
		}
		tb.Cleanup(dev.Release)
		devices = append(devices, dev)
	}
	return devices
}

// adapters returns the options that open each adapter of a list.
func adapters(list string) ([]engine.Options, error) {
	var chosen []engine.Options
	if list == "all" {
		all, err := engine.Adapters("auto")
		for i := range all {
			chosen = append(chosen, engine.Options{Adapter: strconv.Itoa(i)})
		}
		return chosen, err
	}
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			chosen = append(chosen, engine.Options{Adapter: name})
		}
	}
	return chosen, nil
}

// Main runs the tests of a package that has examples. An example cannot skip itself, so Main
// leaves out all examples where Open would skip a test.
func Main(m *testing.M) {
	flag.Parse()
	if _, err := engine.Adapters("auto"); err != nil && os.Getenv("WGPUCNN_REQUIRE_GPU") != "1" {
		fmt.Fprintln(os.Stderr, "skipping the examples:", err)
		flag.Set("test.skip", "^Example")
	}
	os.Exit(m.Run())
}

// Run runs a program the given number of times in one submission, and waits for its end.
func Run(tb testing.TB, dev *engine.Device, program *engine.Program, times int) {
	tb.Helper()
	if err := submit(tb, dev, program, times).Wait(); err != nil {
		tb.Fatal(err)
	}
}

// submit submits so many runs of a program.
func submit(tb testing.TB, dev *engine.Device, program *engine.Program, times int) *engine.Pending {
	tb.Helper()
	recorder := dev.NewRecorder()
	for range times {
		recorder.Run(program)
	}
	pending, err := recorder.Submit()
	if err != nil {
		tb.Fatal(err)
	}
	return pending
}
