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
	flags.StringVar(from, "tiling", tilingCached, "`which` tiling of the kernels: cached, what \"wgpucnn tune\" found if it did, or default")
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
	if from == tilingCached {
		if tiling, ok := CachedTiling(a, warnings); ok {
			fmt.Fprintln(chat, "tiling   tuned for this adapter; --tiling default is without")
			return nn.Tilings{Default: tiling}
		}
	}
	return nn.Tilings{Default: nn.TilingFor(a)}
}

// CachedTiling returns the tiling that "wgpucnn tune" found for an adapter, if it found one.
func CachedTiling(a engine.Adapter, warnings io.Writer) (nn.Tiling, bool) {
	cache, err := UserCache()
	if err != nil {
		return nn.Tiling{}, false // nothing can have been kept
	}
	tiling, ok, err := cache.Lookup(a)
	if err != nil {
		fmt.Fprintf(warnings, "wgpucnn: ignoring the tuned tiling: %v\n", err)
	}
	return tiling, ok
}
