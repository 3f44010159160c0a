package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeTrain is a program that writes the files of a run, in some time. The run's folder is its last argument.
const fakeTrain = `run=${!#}
mkdir -p $run/max
touch $run/config.json
for file in model.safetensors model.onnx metrics.csv evaluation.json report.txt curves.png; do
  sleep 0.01
  echo $file WRITE $run/max/$file
done
`

// newVictim returns a victim whose program begins with a text and writes its files with > or >>.
func newVictim(t *testing.T, begin, write string) victim {
	t.Helper()
	folder := t.TempDir()
	program := filepath.Join(folder, "fake")
	if err := os.WriteFile(program, []byte("#!/bin/bash\n"+begin+strings.Replace(fakeTrain, "WRITE", write, 1)), 0o777); err != nil {
		t.Fatal(err)
	}
	return victim{program: program, folder: folder, random: rand.New(rand.NewPCG(3, 0))}
}

// Runs that come back as they were pass.
func TestKills(t *testing.T) {
	v := newVictim(t, "", ">")
	if err := v.kill(5); err != nil {
		t.Error(err)
	}
}

// A run that differs after its kills, and a program that fails after one, are told.
func TestKillsFail(t *testing.T) {
	for _, c := range []struct{ begin, write, want string }{
		{"", ">>", "differs from that of a run without a kill"},
		{"if [ \"$3\" = --resume ]; then echo no checkpoint; exit 1; fi\n", ">", "exit status 1: no checkpoint"},
	} {
		v := newVictim(t, c.begin, c.write)
		if err := v.kill(1000); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
