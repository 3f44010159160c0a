//go:build unix && !linux

package guard

import "syscall"

// endsWithParent leaves it to Join to see the end of the parent.
func endsWithParent() *syscall.SysProcAttr { return nil }
