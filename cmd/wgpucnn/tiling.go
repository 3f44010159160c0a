package main

import (
	"fmt"
	"io"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/tune"

	"github.com/spf13/pflag"
)

// The values of --tiling.
const (
	tilingCached  = "cached"
	tilingDefault = "default"
)

// userCache is where tilings are kept. Tests have another.
var userCache = tune.UserCache

func tilingFlag(flags *pflag.FlagSet, from *string) {
	flags.StringVar(from, "tiling", tilingCached, "`which` tiling of the kernels: cached, what \"wgpucnn tune\" found if it did, or default")
}

func checkTiling(command, from string) error {
	if from != tilingCached && from != tilingDefault {
		return fail.Usagef("%s: --tiling %s: want cached or default", command, from)
	}
	return nil
}

// chooseTiling returns the tiling for an adapter, and says so where it is not the adapter's
// default. A cache that cannot be used is a line on warnings.
func chooseTiling(from string, a engine.Adapter, chat, warnings io.Writer) nn.Tiling {
	if from == tilingCached {
		if tiling, ok := cachedTiling(a, warnings); ok {
			fmt.Fprintln(chat, "tiling   tuned for this adapter; --tiling default is without")
			return tiling
		}
	}
	return nn.TilingFor(a)
}

// cachedTiling returns what was found for an adapter, if anything was.
func cachedTiling(a engine.Adapter, warnings io.Writer) (nn.Tiling, bool) {
	cache, err := userCache()
	if err != nil {
		return nn.Tiling{}, false // nothing can have been kept
	}
	tiling, ok, err := cache.Lookup(a)
	if err != nil {
		fmt.Fprintf(warnings, "wgpucnn: ignoring the tuned tiling: %v\n", err)
	}
	return tiling, ok
}
