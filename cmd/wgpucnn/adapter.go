package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"

	"github.com/spf13/pflag"
)

// The variables that choose an adapter where no flag does, as in wgpu's own examples.
const (
	backendVariable = "WGPU_BACKEND"
	adapterVariable = "WGPU_ADAPTER_NAME"
)

// backends are the names that WGPU_BACKEND may hold, wgpu's and those of --backend.
var backends = map[string]string{
	"vulkan": "vulkan", "vk": "vulkan", "metal": "metal", "mtl": "metal", "dx12": "dx12", "d3d12": "dx12",
	"gl": "gl", "opengl": "gl", "gles": "gl", "auto": "auto",
}

// adapterFlags lets the user choose an adapter.
func adapterFlags(flags *pflag.FlagSet, o *engine.Options) {
	flags.StringVar(&o.Adapter, "adapter", "", "part of an adapter's `name`, or its number in \"wgpucnn devices\" (default "+adapterVariable+", or the best)")
	backendFlag(flags, &o.Backend)
}

func backendFlag(flags *pflag.FlagSet, backend *string) {
	flags.StringVar(backend, "backend", "", "`API` to look for adapters in: vulkan, metal, dx12, gl or auto (default "+backendVariable+", or auto)")
}

// chooseBackend returns the backend that a flag or else the variable chooses. by is the
// variable with its value if that did.
func chooseBackend(command, flag string) (backend, by string, err error) {
	value := os.Getenv(backendVariable)
	if flag != "" || value == "" {
		return flag, "", nil
	}
	by = backendVariable + "=" + value
	if backend = firstBackend(value); backend == "" {
		return "", "", fail.Usagef("%s: %s: want one of vulkan, metal, dx12, gl, auto", command, by)
	}
	return backend, by, nil
}

// choose returns the options that flags make, with what the variables choose where the
// flags choose nothing. by names those variables with their values.
func choose(command string, o engine.Options) (_ engine.Options, by string, err error) {
	if o.Backend, by, err = chooseBackend(command, o.Backend); err != nil {
		return o, "", err
	}
	if value := os.Getenv(adapterVariable); value != "" && o.Adapter == "" {
		o.Adapter = value
		by = strings.TrimSpace(by + " " + adapterVariable + "=" + value)
	}
	return o, by, nil
}

// firstBackend returns the first backend of a list by commas that is known, as --backend
// has it, or "".
func firstBackend(list string) string {
	for _, name := range strings.Split(list, ",") {
		if backend := backends[strings.ToLower(strings.TrimSpace(name))]; backend != "" {
			return backend
		}
	}
	return ""
}

// adapterError makes a usage error of one about --backend, or about what variables chose.
func adapterError(command, by string, err error) error {
	switch {
	case errors.Is(err, engine.ErrBackend):
		return fail.Usagef("%s: --backend: %v", command, err)
	case errors.Is(err, engine.ErrNoAdapter) && by != "":
		return fail.Usagef("%s: %s: %v", command, by, err)
	}
	return err
}

// openAdapter opens the adapter that the flags of a command, or the variables, choose.
func openAdapter(command string, o engine.Options) (*engine.Device, error) {
	o, by, err := choose(command, o)
	if err != nil {
		return nil, err
	}
	dev, err := engine.Open(o)
	return dev, adapterError(command, by, err)
}

// listAdapters returns the adapters of the backend that a flag or the variable chooses, and
// the variable with its value if that did.
func listAdapters(command, flag string) (_ []engine.Adapter, by string, err error) {
	backend, by, err := chooseBackend(command, flag)
	if err != nil {
		return nil, "", err
	}
	adapters, err := engine.Adapters(backend)
	return adapters, by, adapterError(command, by, err)
}

// chooseAdapters returns how the adapters that a command works on are opened: the one
// that o names, or all of its backend.
func chooseAdapters(command string, o engine.Options, all bool) ([]engine.Options, error) {
	if !all {
		return []engine.Options{o}, nil
	}
	found, _, err := listAdapters(command, o.Backend)
	var chosen []engine.Options
	for i := range found {
		chosen = append(chosen, engine.Options{Adapter: strconv.Itoa(i), Backend: o.Backend})
	}
	return chosen, err
}

// showAdapter tells which adapter a command opened with o, and which variables chose it.
func showAdapter(chat, warnings io.Writer, o engine.Options, a engine.Adapter) {
	if _, by, _ := choose("", o); by != "" {
		terminal.Say(chat, "adapter  %v, by %s\n", a, by)
	} else {
		terminal.Say(chat, "adapter  %v\n", a)
	}
	warnOfDrivers(warnings, o.Backend, a)
}

// warnOfDrivers names the broken files that kept Vulkan from its adapters, if an adapter
// of OpenGL was taken in their place.
func warnOfDrivers(warnings io.Writer, flag string, a engine.Adapter) {
	if backend, _, _ := chooseBackend("", flag); backend != "" && backend != "auto" || a.Backend != "OpenGL" {
		return
	}
	if broken := engine.BrokenDrivers(); broken != "" {
		fmt.Fprintf(warnings, "wgpucnn: Vulkan finds no adapter, OpenGL is taken: %s\n", broken)
	}
}
