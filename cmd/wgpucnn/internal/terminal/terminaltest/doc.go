// Package terminaltest opens terminals for tests, on Linux.
package terminaltest
