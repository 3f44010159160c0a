//go:build linux || darwin

package trial

import (
	"os"
	"os/exec"
	"syscall"
)

// group gives the command a process group of its own.
func group(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the processes of a command's group to end: "go test" then removes its temporary
// files.
func interrupt(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGINT) }

// kill ends the processes of a command's group.
func kill(leader *os.Process) error { return syscall.Kill(-leader.Pid, syscall.SIGKILL) }
