package guard

import "syscall"

// endsWithParent lets the kernel kill a child whose parent ends.
func endsWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
