package nntest

import (
	"testing"

	"wgpucnn/engine"
	"wgpucnn/shaders"
)

// WorkgroupOf returns what a workgroup of a kernel takes.
func WorkgroupOf(t testing.TB, k engine.Kernel) shaders.Workgroup {
	t.Helper()
	source, err := k.Source()
	if err != nil {
		t.Fatal(err)
	}
	text, err := source.Specialise(k.Entry, k.Constants)
	if err != nil {
		t.Fatal(err)
	}
	w, err := shaders.WorkgroupOf(text)
	if err != nil {
		t.Fatalf("%v: %v", k, err)
	}
	return w
}
