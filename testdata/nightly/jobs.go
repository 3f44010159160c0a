package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// job is a part of the campaign.
type job struct {
	name    string
	unit    string         // what it counts
	counts  *regexp.Regexp // the place of the count in a piece's output: see count
	typical time.Duration  // of a piece: it begins only if that much time is left
	long    bool           // it takes turns with the other long jobs, a piece each, when the short ones are done
	pieces  []string       // commands of bash, which run on their own and in any order

	// harmless matches the output of a failure that is no fault of ours, nil for none.
	harmless *regexp.Regexp
}

// Go before 1.27 fails some fuzz targets because their time is over. It has then found nothing:
// https://github.com/golang/go/issues/75804.
var fuzzDeadline = regexp.MustCompile(`(?m)^--- FAIL: Fuzz\w+ \([0-9.]+s\)\n    context deadline exceeded\nFAIL$`)

// listJobs returns the campaign. Short jobs come first.
func listJobs(fuzz time.Duration) ([]job, error) {
	targets, err := fuzzTargets(".", fuzz)
	if err != nil {
		return nil, err
	}
	mutants, err := mutantPieces("testdata/mutants/mutants.txt")
	if err != nil {
		return nil, err
	}
	const test = "WGPUCNN_NIGHTLY=1 WGPUCNN_REQUIRE_GPU=1 go test -count=1 -timeout 2h -v "
	var kills, adapters []string
	for seed := range 50 {
		kills = append(kills, fmt.Sprintf("go run ./testdata/nightly kills %d 20", seed+1))
	}
	for _, name := range []string{"lavapipe", "limits", "swiftshader", "opengl", "wgpu27"} {
		adapters = append(adapters, ".ci/adapters "+name)
	}
	adapters = append(adapters, ".ci/web suite bin/web-suite.json",
		"WGPUCNN_INTEROP=1 WGPUCNN_REPORT=$PWD/bin/page-suite.json "+test+"-run 'TestInteropPage$' ./cmd/wgpucnn/internal/site")
	return []job{
		{name: "storage: power cuts, full and broken disks", unit: "tests", counts: regexp.MustCompile(`--- PASS`),
			typical: 4 * time.Minute, pieces: []string{
				test + "./nn/durable",
				test + "-run 'TestTrainPowerCut|TestTrainDiskFull' ./cmd/wgpucnn",
			}},
		{name: "fuzz targets", unit: "inputs", counts: regexp.MustCompile(`execs: (\d+)`),
			typical: fuzz + time.Minute, pieces: targets, harmless: fuzzDeadline},
		{name: "the driver: calls of Vulkan that fail or hang", unit: "trainings", counts: regexp.MustCompile(`--- PASS: TestDriver(?:Faults/|FaultLog|FailsForGood|Hangs)`),
			typical: 8 * time.Minute, pieces: []string{
				test + "-run 'TestDriverFaultLog|TestDriverFailsForGood|TestDriverHangs' ./cmd/wgpucnn",
				test + "-run TestDriverFaults ./cmd/wgpucnn",
			}},
		{name: "soak: one process past 2^20 steps", unit: "steps", counts: regexp.MustCompile(`(\d+) steps`),
			typical: 15 * time.Minute, pieces: []string{"go run ./testdata/nightly soak"}},
		{name: "random kills: kill -9, and resume", unit: "kills", counts: regexp.MustCompile(`(\d+) kills`),
			typical: 3 * time.Minute, long: true, pieces: kills},
		{name: "mutants of the shaders", unit: "mutants", counts: regexp.MustCompile(`(\d+) killed, (\d+) equivalent`),
			typical: 15 * time.Minute, long: true, pieces: mutants},
		{name: "the shaders' suite on each adapter", unit: "cases", counts: regexp.MustCompile(`(\d+) cases of`),
			typical: 30 * time.Minute, long: true, pieces: adapters},
		{name: "the archive for Windows, under Wine", unit: "tests", counts: regexp.MustCompile(`--- PASS`),
			typical: time.Hour, long: true, pieces: []string{".ci/dist && " + test + "./testdata/wine"}},
	}, nil
}

// fuzzTargets returns a piece for each fuzz target below a folder. A limit on minimising is needed: one target
// else spends its whole time there.
func fuzzTargets(root string, each time.Duration) (pieces []string, err error) {
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range target.FindAllSubmatch(text, -1) {
			folder, _ := filepath.Rel(root, filepath.Dir(path)) // a path below root is relative to it
			pieces = append(pieces, fmt.Sprintf("go test -run '^$' -fuzz '^%s$' -fuzztime %v -fuzzminimizetime 50x ./%s", m[1], each, filepath.ToSlash(folder)))
		}
		return err
	})
	return pieces, err
}

// mutantPieces returns pieces of ten mutants, which stand together in the list and mostly have one table. Each
// piece first runs that table without a mutant.
func mutantPieces(list string) (pieces []string, err error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	const each = 10
	count := len(regexp.MustCompile(`(?m)^# `).FindAll(text, -1))
	for first := 1; first <= count; first += each {
		pieces = append(pieces, fmt.Sprintf("go run ./testdata/mutants %d-%d", first, min(first+each-1, count)))
	}
	return pieces, nil
}

// count returns what a piece's output says that it did: the sum of the numbers in the last place that matches,
// or the number of places if the pattern has no number.
func (j job) count(output string) int {
	all := j.counts.FindAllStringSubmatch(output, -1)
	if len(all) == 0 || j.counts.NumSubexp() == 0 {
		return len(all)
	}
	sum := 0
	for _, digits := range all[len(all)-1][1:] {
		var n int
		fmt.Sscan(cmp.Or(digits, "0"), &n)
		sum += n
	}
	return sum
}
