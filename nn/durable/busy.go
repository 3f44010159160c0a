//go:build !js

package durable

import "syscall"

// fileBusy is the error about a program that runs.
const fileBusy = syscall.ETXTBSY
