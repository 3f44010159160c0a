// Package version tells which program this is.
package version

import "runtime/debug"

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

// WGPU returns the version of go-webgpu that is built in.
func WGPU() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/rajveermalviya/go-webgpu/wgpu" {
				return m.Version
			}
		}
	}
	return unknown
}
