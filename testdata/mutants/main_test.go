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

// A word chooses by text, and a range by number.
func TestMutantsChosen(t *testing.T) {
	m := mutant{file: "relu", defect: "a part", old: "i < 3-1"}
	for word, want := range map[string]bool{"": true, "relu": true, "3-1": false, "7-7": true, "1-6": false, "5-9": true, "3-": true, "< 2-": false} {
		if got := m.chosen(7, word); got != want {
			t.Errorf("%q: got %v, want %v", word, got, want)
		}
	}
}
