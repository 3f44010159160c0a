package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/durable/durabletest"
)

// A run on a file system without links ends well, with a line about the copy.
func TestTrainWithoutLinks(t *testing.T) {
	enginetest.Open(t)
	durabletest.Refuse(t, func(change string) error {
		if strings.HasPrefix(change, "symlink ") {
			return &os.LinkError{Op: "symlink", Old: "max", New: "best", Err: syscall.EPERM} // as exFAT, SMB and Windows do
		}
		return nil
	})
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
