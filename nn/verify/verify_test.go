package verify

import (
	"errors"
	"slices"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

// run puts cases on trial, each as a subtest, and returns how many the adapter cannot
// run.
func run(t *testing.T, dev *engine.Device, cases []testCase) (skipped int) {
	for _, c := range cases {
		t.Run(c.name(), func(t *testing.T) {
			switch r := try(dev, c); {
			case errors.Is(r.err, engine.ErrLimit):
				skipped++
				t.Skip(r.err)
			case r.err != nil:
				t.Error(r.err)
			}
		})
	}
	return skipped
}

// Every kernel against its twin.
func TestOperations(t *testing.T) {
	dev := enginetest.Open(t)
	for _, o := range operations() {
		t.Run(o.name, func(t *testing.T) {
			skipped := run(t, dev, o.cases)
			t.Logf("%d cases, %d skipped", len(o.cases), skipped)
		})
	}
}

// Whole networks against their twins, fused against unfused.
func TestNetworks(t *testing.T) {
	dev := enginetest.Open(t)
	if skipped := run(t, dev, networkCases()); skipped > 0 {
		t.Errorf("%d networks were skipped, want none", skipped)
	}
}

// The whole of training against PyTorch.
func TestTraining(t *testing.T) {
	dev := enginetest.Open(t)
	if skipped := run(t, dev, trainingCases()); skipped > 0 {
		t.Errorf("%d trainings were skipped, want none", skipped)
	}
}

// Every entry point of every WGSL file has a case.
func TestEntryPoints(t *testing.T) {
	var files []string
	for _, o := range operations() {
		files = append(files, o.name)
		source, err := shaders.Load(o.name)
		if err != nil {
			t.Fatal(err)
		}
		entries := map[string]bool{}
		for _, c := range o.cases {
			for _, k := range try(nil, c).kernels {
				entries[k.Entry] = entries[k.Entry] || k.File == o.name
			}
		}
		for _, entry := range source.EntryPoints {
			if !entries[entry] {
				t.Errorf("%s.%s has no case", o.name, entry)
			}
		}
	}
	slices.Sort(files)
	if names := shaders.Names(); !slices.Equal(files, names) {
		t.Errorf("there are case tables for %v, want one for each of %v", files, names)
	}
}
