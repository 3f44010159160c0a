package main

import (
	"os"
	"testing"
)

// Every mutant applies to the shaders as they are.
func TestMutantsApply(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	mutants, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		if _, _, err := m.apply(); err != nil {
			t.Errorf("%s: %s: %v", m.file, m.defect, err)
		}
	}
}
