package choose

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/guard"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"

	"github.com/spf13/pflag"
)

// The variables that choose an adapter if no flag does. wgpu's own examples have them too.
const (
	BackendVariable = "WGPU_BACKEND"
	AdapterVariable = "WGPU_ADAPTER_NAME"
)

// backends are the names that WGPU_BACKEND may hold, with the names that --backend has for them.
var backends = map[string]string{
	"vulkan": "vulkan", "vk": "vulkan", "metal": "metal", "mtl": "metal", "dx12": "dx12", "d3d12": "dx12",
	"gl": "gl", "opengl": "gl", "gles": "gl", "auto": "auto",
}

// AdapterFlags adds the flags that choose an adapter.
func AdapterFlags(flags *pflag.FlagSet, o *engine.Options) {
	flags.StringVar(&o.Adapter, "adapter", "", "part of an adapter's `name`, or its number in \"wgpucnn devices\" (default "+AdapterVariable+", or the best)")
	BackendFlag(flags, &o.Backend)
}

// BackendFlag adds the flag that chooses a backend.
func BackendFlag(flags *pflag.FlagSet, backend *string) {
	flags.StringVar(backend, "backend", "", "`API` to look for adapters in: vulkan, metal, dx12, gl or auto (default "+BackendVariable+", or auto)")
}

// chooseBackend returns the backend that a flag chooses, or else the variable. by is the variable
// with its value if the variable chose.
func chooseBackend(command, flag string) (backend, by string, err error) {
	value := os.Getenv(BackendVariable)
	if flag != "" || value == "" {
		return flag, "", nil
	}
	by = BackendVariable + "=" + value
	if backend = firstBackend(value); backend == "" {
		return "", "", fail.Usagef("%s: %s: want one of vulkan, metal, dx12, gl, auto", command, by)
	}
	return backend, by, nil
}

// complete fills in what the variables choose and the flags do not. by names those variables with
// their values.
func complete(command string, o engine.Options) (_ engine.Options, by string, err error) {
	if o.Backend, by, err = chooseBackend(command, o.Backend); err != nil {
		return o, "", err
	}
	if value := os.Getenv(AdapterVariable); value != "" && o.Adapter == "" {
		o.Adapter = value
		by = strings.TrimSpace(by + " " + AdapterVariable + "=" + value)
	}
	return o, by, nil
}

// firstBackend returns the first known backend of a list by commas, as --backend names it, or "".
func firstBackend(list string) string {
	for _, name := range strings.Split(list, ",") {
		if backend := backends[strings.ToLower(strings.TrimSpace(name))]; backend != "" {
			return backend
		}
	}
	return ""
}

// adapterError makes a usage error of an error about --backend, or about what variables chose.
func adapterError(command, by string, err error) error {
	switch {
	case errors.Is(err, engine.ErrBackend):
		return fail.Usagef("%s: --backend: %v", command, err)
	case errors.Is(err, engine.ErrNoAdapter) && by != "":
		return fail.Usagef("%s: %s: %v", command, by, err)
	}
	return err
}

// Adapter opens the adapter that the flags of a command choose, or the variables.
func Adapter(command string, o engine.Options) (*engine.Device, error) {
	o, by, err := complete(command, o)
	if err != nil {
		return nil, err
	}
	dev, err := engine.Open(o)
	if err == nil {
		guard.Tell(guard.News{Adapter: dev.Adapter().Name})
	}
	return dev, adapterError(command, by, err)
}

// Adapters lists the adapters of the backend that a flag chooses, or the variable. by is the
// variable with its value if the variable chose.
func Adapters(command, flag string) (_ []engine.Adapter, by string, err error) {
	backend, by, err := chooseBackend(command, flag)
	if err != nil {
		return nil, "", err
	}
	adapters, err := engine.Adapters(backend)
	return adapters, by, adapterError(command, by, err)
}

// AdapterOptions returns the options that open each adapter of a command: the one that o names, or
// all of its backend.
func AdapterOptions(command string, o engine.Options, all bool) ([]engine.Options, error) {
	if !all {
		return []engine.Options{o}, nil
	}
	found, _, err := Adapters(command, o.Backend)
	var chosen []engine.Options
	for i := range found {
		chosen = append(chosen, engine.Options{Adapter: strconv.Itoa(i), Backend: o.Backend})
	}
	return chosen, err
}

// Alike returns the options that open each adapter of the same name, backend and driver as a, which a
// command opened with o.
func Alike(command string, o engine.Options, a engine.Adapter) ([]engine.Options, error) {
	found, _, err := Adapters(command, o.Backend)
	var alike []engine.Options
	for i, other := range found {
		if other.Name == a.Name && other.Backend == a.Backend && other.Driver == a.Driver {
			alike = append(alike, engine.Options{Adapter: strconv.Itoa(i), Backend: o.Backend})
		}
	}
	return alike, err
}

// ShowAdapter tells which adapter a command opened with o, and which variables chose it.
func ShowAdapter(chat, warnings io.Writer, o engine.Options, a engine.Adapter) {
	if _, by, _ := complete("", o); by != "" {
		terminal.Say(chat, "adapter  %v, by %s\n", a, by)
	} else {
		terminal.Say(chat, "adapter  %v\n", a)
	}
	WarnOfDrivers(warnings, o.Backend, a)
}

// WarnOfDrivers names the broken files that kept Vulkan from its adapters, if an adapter of OpenGL
// was taken instead.
func WarnOfDrivers(warnings io.Writer, flag string, a engine.Adapter) {
	if backend, _, _ := chooseBackend("", flag); backend != "" && backend != "auto" || a.Backend != "OpenGL" {
		return
	}
	if broken := engine.BrokenDrivers(); broken != "" {
		fmt.Fprintf(warnings, "wgpucnn: Vulkan finds no adapter, OpenGL is taken: %s\n", broken)
	}
}
