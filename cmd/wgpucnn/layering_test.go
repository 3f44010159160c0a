package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	wgpuPath = "github.com/rajveermalviya/go-webgpu/wgpu"
	rooms    = "wgpucnn/cmd/wgpucnn/internal/"
)

// goList returns the words that "go list" prints.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(out))
}

// imports returns the packages that each package of the project imports, without those of its
// tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, line := range goList(t, "-f", `{{.ImportPath}},{{join .Imports ","}}`, "wgpucnn/...") {
		path, rest, _ := strings.Cut(line, ",")
		all[path] = strings.Split(rest, ",")
	}
	return all
}

// Package shaders imports nothing of the project. engine imports shaders alone. Only engine and the
// packages below it know wgpu. shaders/shadertest stands above engine, and serves tests: of the program,
// the suite of verify alone imports it.
func TestLayering(t *testing.T) {
	for path, want := range map[string][]string{
		"wgpucnn/shaders":        {"wgpucnn/shaders"},
		"wgpucnn/shaders/ref":    {"wgpucnn/shaders/ref"},
		"wgpucnn/shaders/mutate": {"wgpucnn/shaders/mutate"},
		"wgpucnn/engine":         {wgpuPath, "wgpucnn/engine", "wgpucnn/engine/hostclock", "wgpucnn/engine/internal/host", "wgpucnn/engine/internal/native", "wgpucnn/shaders"},
	} {
		var got []string
		for _, dep := range goList(t, "-deps", path) {
			standard := !strings.HasPrefix(dep, "wgpucnn/") && !strings.Contains(strings.Split(dep, "/")[0], ".")
			if !standard && !strings.HasPrefix(dep, wgpuPath+"/lib") {
				got = append(got, dep)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s is built of %v, want %v", path, got, want)
		}
	}
	for path, imported := range imports(t) {
		if path != "wgpucnn/engine" && !strings.HasPrefix(path, "wgpucnn/engine/") && slices.Contains(imported, wgpuPath) {
			t.Errorf("%s imports wgpu, which engine alone may", path)
		}
		if path != "wgpucnn/nn/verify" && slices.Contains(imported, "wgpucnn/shaders/shadertest") {
			t.Errorf("%s imports shaders/shadertest, which nn/verify alone may", path)
		}
		if strings.HasPrefix(path, "wgpucnn/nn/dataset") && slices.Contains(imported, "wgpucnn/engine") {
			t.Errorf("%s imports engine", path)
		}
	}
}

// A program has one host. wgpu27 is built without the library of go-webgpu and without a window system, and
// only that build needs wgpu-native 27.
func TestHostLayering(t *testing.T) {
	const libraries = "github.com/oliverbestmann/webgpu/"
	for tag, other := range map[string][]string{"wgpu27": {wgpuPath, "github.com/go-gl/"}, "": {libraries}} {
		for _, dep := range goList(t, "-e", "-tags", tag, "-deps", "wgpucnn/cmd/wgpucnn", "wgpucnn/engine/...") {
			for _, prefix := range other {
				if strings.HasPrefix(dep, prefix) {
					t.Errorf("a build with the tag %q has %s", tag, dep)
				}
			}
		}
	}
}

// What is built for a browser has no cgo, no wgpu and no window system.
func TestBrowserLayering(t *testing.T) {
	t.Setenv("GOOS", "js")
	t.Setenv("GOARCH", "wasm")
	for _, dep := range goList(t, "-deps", "wgpucnn/cmd/wgpucnn", "wgpucnn/engine/...", "wgpucnn/nn/...", "wgpucnn/shaders/...") {
		if dep == "runtime/cgo" || dep == wgpuPath || dep == "wgpucnn/engine/internal/native" || strings.Contains(dep, "go-gl") {
			t.Errorf("a build for a browser has %s", dep)
		}
	}
}

// mayImport holds the packages of the project that each room of the command line may import. Names
// without a path are rooms. Most rooms know neither engine nor nn. They may use the packages of nn
// that only work on texts and files: report measures and aligns texts, spell finds similar words,
// durable writes files. The rooms that stand for "nn" know all of nn, each for its own reason:
//
//	runs      reads and writes the models, checkpoints and figures of trainings
//	choose    opens adapters, data and models
//	classify  runs a model over images
//	score     runs a model over data
//	monitor   observes a training
//
// doctor reads what bench measures.
var mayImport = map[string]string{
	"fail":     "",
	"version":  "",
	"signals":  "",
	"output":   "signals",
	"terminal": "nn/report",
	"meter":    "terminal nn/report",
	"cmdline":  "fail nn/spell",
	"manual":   "terminal nn/report",
	"complete": "cmdline",
	"runs":     "fail terminal nn",
	"guard":    "signals terminal",
	"site":     "",
	"trial":    "nn/durable",
	"choose":   "fail guard version terminal meter cmdline runs nn engine shaders/mutate",
	"classify": "terminal meter nn",
	"score":    "meter nn engine",
	"monitor":  "terminal meter nn engine",
	"doctor":   "terminal nn/bench nn/report engine",

	"terminal/terminaltest": "",
	"runs/runstest":         "",
}

// Each room of the command line imports the packages in mayImport alone, and no package outside the
// command line imports a room.
func TestRooms(t *testing.T) {
	seen := 0
	for path, imported := range imports(t) {
		room, isRoom := strings.CutPrefix(path, rooms)
		may, known := mayImport[room]
		if isRoom {
			seen++
		}
		if isRoom && !known {
			t.Errorf("%s is not in mayImport", path)
		}
		for _, other := range imported {
			project, isProject := strings.CutPrefix(other, "wgpucnn/")
			target, toRoom := strings.CutPrefix(other, rooms)
			if toRoom && !strings.HasPrefix(path, "wgpucnn/cmd/") {
				t.Errorf("%s imports %s", path, other)
			}
			allowed := slices.ContainsFunc(strings.Fields(may), func(word string) bool {
				return toRoom && word == target || !toRoom && (word == project || strings.HasPrefix(project, word+"/"))
			})
			if isRoom && isProject && !allowed {
				t.Errorf("room %s imports %s, want some of %q", room, other, may)
			}
		}
	}
	if seen != len(mayImport) {
		t.Errorf("there are %d rooms, want %d", seen, len(mayImport))
	}
}

// The rooms of nn, from layers to files and trainings, and the rig of the shaders' tests. Each imports only
// what stands in its row.
var nnImports = map[string]string{
	"nn":           "engine nn/dataset shaders shaders/ref",
	"nn/optim":     "shaders",
	"nn/nets":      "nn nn/spell",
	"nn/layout":    "engine nn nn/optim shaders",
	"nn/stats":     "",
	"nn/energy":    "engine",
	"nn/modelfile": "engine nn nn/durable nn/stats",
	"nn/predict":   "engine nn nn/dataset nn/layout nn/modelfile",
	"nn/train":     "engine engine/hostclock nn nn/dataset nn/layout nn/modelfile nn/optim nn/stats",

	"shaders/shadertest": "engine engine/enginetest shaders/ref",
}

func TestRoomsOfNN(t *testing.T) {
	all := imports(t)
	for room, want := range nnImports {
		var got []string
		for _, path := range all["wgpucnn/"+room] {
			if project, ok := strings.CutPrefix(path, "wgpucnn/"); ok {
				got = append(got, project)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s imports %q, want %q", room, got, want)
		}
	}
}
