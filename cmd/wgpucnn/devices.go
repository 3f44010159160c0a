package main

import (
	"context"
	"fmt"
	"slices"

	"wgpucnn/engine"

	"github.com/spf13/pflag"
)

func devicesFlags(backend *string) *pflag.FlagSet {
	flags := newFlags("devices")
	backendFlag(flags, backend)
	return flags
}

func devicesHelp() string {
	var backend string
	return `wgpucnn devices lists the adapters of this machine, by the numbers that --adapter takes.

usage: wgpucnn devices [FLAG]...

` + devicesFlags(&backend).FlagUsages()
}

// devices lists the adapters.
func devices(_ context.Context, args []string, out streams) error {
	var backend string
	if err := parse(devicesFlags(&backend), args); err != nil {
		return err
	}
	adapters, err := engine.Adapters(backend)
	if err != nil {
		return backendError("devices", err)
	}
	for i, a := range adapters {
		fmt.Fprintf(out.out, "%d: %s\n", i, a.Name)
		fmt.Fprintf(out.out, "   %-10s %s\n", "type", a.Type)
		fmt.Fprintf(out.out, "   %-10s %s\n", "backend", a.Backend)
		if a.Driver != "" {
			fmt.Fprintf(out.out, "   %-10s %s\n", "driver", a.Driver)
		}
		l := a.Limits
		fmt.Fprintf(out.out, "   %-10s %s a buffer, %s a binding, %d storage buffers a kernel\n", "limits",
			binary(l.BufferSize), binary(l.BindingSize), l.StorageBuffers)
		fmt.Fprintf(out.out, "   %-10s %d invocations and %s of memory a workgroup, %d workgroups a dimension\n", "",
			l.WorkgroupSize, binary(uint64(l.WorkgroupStorage)), l.WorkgroupsPerAxis)
	}
	if !slices.ContainsFunc(adapters, func(a engine.Adapter) bool { return a.Type != engine.CPU }) {
		fmt.Fprint(out.out, "\nOnly software adapters: they compute on the CPU. If this machine has a GPU, install its Vulkan driver\n"+
			"(Debian, Ubuntu: mesa-vulkan-drivers for AMD and Intel, nvidia-driver for NVIDIA) and see that your user\n"+
			"may open /dev/dri/renderD* (group render).\n")
	}
	return nil
}

// binary returns a size in bytes as "128 MiB", rounded down.
func binary(size uint64) string {
	for _, unit := range []string{"B", "KiB", "MiB"} {
		if size < 1024 {
			return fmt.Sprintf("%d %s", size, unit)
		}
		size /= 1024
	}
	return fmt.Sprintf("%d GiB", size)
}
