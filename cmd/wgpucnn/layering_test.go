package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Who may import whom: shaders nobody, engine shaders alone, and nobody but
// engine, with what lies below it, knows wgpu.
func TestLayering(t *testing.T) {
	list := func(args ...string) []string {
		out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
		if err != nil {
			t.Fatalf("go list %v: %v", args, err)
		}
		return strings.Fields(string(out))
	}
	const wgpu = "github.com/rajveermalviya/go-webgpu/wgpu"
	for path, want := range map[string][]string{
		"wgpucnn/shaders":     {"wgpucnn/shaders"},
		"wgpucnn/shaders/ref": {"wgpucnn/shaders/ref"},
		"wgpucnn/engine":      {wgpu, "wgpucnn/engine", "wgpucnn/engine/internal/native", "wgpucnn/shaders"},
	} {
		var got []string
		for _, dep := range list("-deps", path) {
			standard := !strings.HasPrefix(dep, "wgpucnn/") && !strings.Contains(strings.Split(dep, "/")[0], ".")
			if !standard && !strings.HasPrefix(dep, wgpu+"/lib") {
				got = append(got, dep)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s is built of %v, want %v", path, got, want)
		}
	}
	for _, path := range list("wgpucnn/...") {
		imports := list("-f", `{{join .Imports "\n"}}`, path)
		if path != "wgpucnn/engine" && !strings.HasPrefix(path, "wgpucnn/engine/") && slices.Contains(imports, wgpu) {
			t.Errorf("%s imports wgpu, which engine alone may", path)
		}
		if strings.HasPrefix(path, "wgpucnn/nn/dataset") && slices.Contains(imports, "wgpucnn/engine") {
			t.Errorf("%s imports engine", path)
		}
	}
}
