//go:build !linux && !darwin

package trial

import (
	"os"
	"os/exec"
	"strconv"
)

func group(*exec.Cmd) {}

// interrupt ends the command at once: Windows has no interrupt for another process.
func interrupt(leader *os.Process) error { return kill(leader) }

// kill ends a command with the processes that it started.
func kill(leader *os.Process) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(leader.Pid)).Run()
}
