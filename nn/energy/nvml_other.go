//go:build !linux

package energy

import (
	"errors"

	"wgpucnn/engine"
)

const nvmlLibrary = ""

func (*Meter) nvml(engine.Adapter, string) error { return errors.New("NVML is read on Linux alone") }
