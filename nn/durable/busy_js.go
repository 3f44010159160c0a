package durable

import "syscall"

// fileBusy is not an error of its own here.
const fileBusy = syscall.EBUSY
