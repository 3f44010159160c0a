package choose

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

// UserCache returns the file with the user's tilings. Tests replace it by a file of their own.
var UserCache = tune.UserCache

// TilingFlag adds the flag that chooses a tiling.
func TilingFlag(flags *pflag.FlagSet, from *string) {
	flags.StringVar(from, "tiling", tilingCached, "`which` tilings of the kernels: cached, what \"wgpucnn tune\" found if it did, or default")
}

// CheckTiling returns a usage error for an unknown value of --tiling.
func CheckTiling(command, from string) error {
	if from != tilingCached && from != tilingDefault {
		return fail.Usagef("%s: --tiling %s: want cached or default", command, from)
	}
	return nil
}

// Tilings returns the tilings for an adapter. If they are not the adapter's default alone, it says
// so on chat. If the cache cannot be used, it says so on warnings.
func Tilings(from string, a engine.Adapter, chat, warnings io.Writer) nn.Tilings {
	tilings := nn.Tilings{Default: nn.TilingFor(a)}
	if from == tilingCached {
		tilings.Of = CachedTilings(a, warnings)
	}
	if len(tilings.Of) > 0 {
		fmt.Fprintf(chat, "tiling   tuned for this adapter (dispatches: %d); --tiling default is without\n", len(tilings.Of))
	}
	return tilings
}

// CachedTilings returns the tilings that "wgpucnn tune" found for an adapter, none if it found
// none.
func CachedTilings(a engine.Adapter, warnings io.Writer) nn.TilingsByKey {
	cache, err := UserCache()
	if err != nil {
		return nil // nothing can have been kept
	}
	tilings, err := cache.Lookup(a)
	if err != nil {
		fmt.Fprintf(warnings, "wgpucnn: ignoring the tuned tilings: %v\n", err)
	}
	return tilings
}
