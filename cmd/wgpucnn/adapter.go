package main

import (
	"errors"
	"strconv"

	"wgpucnn/engine"

	"github.com/spf13/pflag"
)

// adapterFlags lets the user choose an adapter.
func adapterFlags(flags *pflag.FlagSet, o *engine.Options) {
	flags.StringVar(&o.Adapter, "adapter", "", "part of an adapter's `name`, or its number in \"wgpucnn devices\" (default the best)")
	backendFlag(flags, &o.Backend)
}

func backendFlag(flags *pflag.FlagSet, backend *string) {
	flags.StringVar(backend, "backend", "auto", "`API` to look for adapters in: vulkan, metal, dx12, gl or auto")
}

// openAdapter opens the adapter that the flags of a command chose.
func openAdapter(command string, o engine.Options) (*engine.Device, error) {
	dev, err := engine.Open(o)
	return dev, backendError(command, err)
}

// backendError makes a usage error of one about --backend.
func backendError(command string, err error) error {
	if errors.Is(err, engine.ErrBackend) {
		return usagef("%s: --backend: %v", command, err)
	}
	return err
}

// chooseAdapters returns how the adapters that a command works on are opened: the one
// that o names, or all of its backend.
func chooseAdapters(command string, o engine.Options, all bool) ([]engine.Options, error) {
	if !all {
		return []engine.Options{o}, nil
	}
	found, err := engine.Adapters(o.Backend)
	var chosen []engine.Options
	for i := range found {
		chosen = append(chosen, engine.Options{Adapter: strconv.Itoa(i), Backend: o.Backend})
	}
	return chosen, backendError(command, err)
}
