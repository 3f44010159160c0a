package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
)

// A run on a file system without links ends well, with a line about the copy.
func TestTrainWithoutLinks(t *testing.T) {
	enginetest.Open(t)
	defer func(before func(old, new string) error) { runs.Symlink = before }(runs.Symlink)
	runs.Symlink = func(old, new string) error {
		return &os.LinkError{Op: "symlink", Old: old, New: new, Err: syscall.EPERM} // as exFAT, SMB and Windows do
	}
	t.Chdir(t.TempDir())
	line := strings.Fields("train --epochs 1 --batch 500 --hidden 2 --pooling max --quiet --out run")
	status, _, err := call(line...)
	if status != 0 || !strings.HasPrefix(err, "wgpucnn: run/best is a copy of run/max") || strings.Count(err, "\n") != 1 {
		t.Errorf("status %d, %q", status, err)
	}
	if all := runstest.Files(t, "run"); len(all) != 4+7+6 {
		t.Errorf("it left %d files", len(all))
	}
}
