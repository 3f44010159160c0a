package engine

import (
	"errors"
	"fmt"

	"wgpucnn/engine/internal/host"
)

var (
	// ErrLost is wrapped by errors about a device whose driver was reset, or whose adapter was removed.
	ErrLost = errors.New("was lost")
	// ErrHangs is wrapped by errors about a device whose driver does not finish a submission.
	ErrHangs = errors.New("hangs")
	// ErrMemory is wrapped by errors about something that the adapter has no memory for.
	ErrMemory = errors.New("not enough memory left")
)

// lose notes that the device was lost, and returns the error of all its calls from then on. wgpu aborts
// the process at many calls on a lost device, so none reaches it any more.
func (d *Device) lose() error {
	if d.dead == nil {
		d.dead = fmt.Errorf("engine: %s %w: its driver was reset, or the adapter was removed: run again, with a smaller batch if this repeats", d.adapter.Name, ErrLost)
	}
	return d.dead
}

// hang notes that the driver hangs, and returns the error of all calls from then on. The GPU may still
// use all memory of the device, so nothing is freed any more.
func (d *Device) hang() error {
	d.dead = fmt.Errorf("engine: %s has not finished a submission in %v: its driver %w: restart the program, or choose another adapter", d.adapter.Name, hangTimeout, ErrHangs)
	return d.dead
}

// free releases an object of the host, unless the device was lost or hangs.
func (d *Device) free(object interface{ Release() }) {
	if d.dead == nil {
		object.Release()
	}
}

// explain returns an error of the host as one line. what names the thing that the error is about, such as
// "buffer conv1: 4096 bytes". If the memory is full, the line says what to do. If the device was lost,
// explain notes that. An error that no call returned came before err, and is its cause.
func (d *Device) explain(what string, err error) error {
	if fault := d.host.Fault(); fault != nil {
		err = fault
	}
	switch {
	case d.dead != nil:
		return d.dead
	case errors.Is(err, host.ErrLost):
		return d.lose()
	case errors.Is(err, host.ErrMemory):
		return fmt.Errorf("engine: %s: %w on %s: close other programs that use it, or choose a smaller batch", what, ErrMemory, d.adapter.Name)
	}
	return fmt.Errorf("engine: %s: %v", what, err)
}
