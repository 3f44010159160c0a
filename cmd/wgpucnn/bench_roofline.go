package main

import (
	"path/filepath"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/nn/bench"
	"wgpucnn/nn/durable"
)

// rooflineFormat returns the format that a file's name ends in.
func rooflineFormat(file string) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(file), "."))
}

// checkRoofline returns a usage error for a picture that cannot be drawn. file may be empty.
func checkRoofline(file string, all bool) error {
	switch {
	case file == "":
		return nil
	case all:
		return fail.Usagef("bench: --all and --roofline: want one of them, because a picture shows one adapter")
	case !slices.Contains(bench.RooflineFormats, rooflineFormat(file)):
		return fail.Usagef("bench: --roofline %s: want a name that ends in .png or .svg", file)
	}
	return nil
}

// writeRoofline draws an adapter's kernels below its peaks.
func writeRoofline(file string, a bench.AdapterReport) error {
	picture, err := a.Roofline(rooflineFormat(file))
	if err != nil {
		return err
	}
	return durable.Write(file, picture)
}
