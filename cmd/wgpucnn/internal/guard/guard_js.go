package guard

import (
	"errors"
	"os"
)

// Run runs nothing: a browser has no processes. The page watches the program instead.
func Run([]string, bool) (status int, ran bool) { return 0, false }

// receive receives nothing, for the same reason.
func receive([]string) ([]*os.File, error) { return nil, errors.ErrUnsupported }
