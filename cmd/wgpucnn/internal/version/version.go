// Package version tells which program this is.
package version

import (
	"runtime/debug"
	"strings"
)

// release is the version that "make dist" gives to the program.
var release string

// unknown is the version of a build without information about itself.
const unknown = "(unknown)"

// Program returns the release, else the module's version or the commit that was built.
func Program() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return unknown
	}
	return info.Main.Version
}

// WGPU returns the version of go-webgpu that is built in, or that of wgpu-native in a build with the tag wgpu27.
func WGPU() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			switch {
			case m.Path == "github.com/rajveermalviya/go-webgpu/wgpu":
				return m.Version
			case strings.HasPrefix(m.Path, "github.com/oliverbestmann/webgpu/libs-"):
				return "v27.0.2" // these modules have no versions of their own
			}
		}
	}
	return unknown
}
