//go:build !linux && !darwin

package durable

import (
	"errors"
	"os"
)

// lockFile locks nothing on this system.
func lockFile(*os.File) error { return errors.ErrUnsupported }

// holdFile locks nothing on this system.
func holdFile(*os.File) (*os.File, error) { return nil, errors.ErrUnsupported }
