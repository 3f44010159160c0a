// Package engine runs compute shaders on a GPU: it finds adapters, holds buffers, compiles
// kernels, records dispatches and waits for them. It knows bytes, bindings and dispatches,
// never layers. docs/engine.md follows a training step through it.
//
// One goroutine at a time may use a Device and everything that it makes. At some errors wgpu
// aborts the process: wrong sizes, alignments, usages, limits, and the use of released objects.
// This package checks for them first and returns them as errors.
package engine

import (
	"errors"
	"fmt"

	"wgpucnn/engine/internal/host"
)

// ErrReleased is wrapped by errors about the use of an object after it, or its device, was
// released.
var ErrReleased = errors.New("was released")

// Device is an open adapter.
type Device struct {
	adapter     Adapter
	host        *host.Device
	kernels     map[string]*host.Pipeline // by specialised text
	uploads     uploads
	kept        []*staging // to read through, see keepDownload
	submissions int
	instance    *host.Instance
	released    bool
	dead        error // of all calls once the device was lost or hangs, see ErrLost and ErrHangs
}

// Open opens the adapter that the options choose, with all of its limits or WebGPU's default ones.
// It enables timestamps if the adapter has them.
//
// An adapter may be lost at any time: its driver is reset or crashes, or the card is removed. Where wgpu
// reports that, calls return an error that wraps ErrLost, and Release frees nothing. But wgpu ends the
// process at most such errors, for example at one in a submission, and Go cannot recover from that. A
// program that must survive works in a child process, saves what it has, and starts another child:
//
//	func main() {
//		for try := 0; os.Getenv("WORKER") == "" && try < 4; try++ {
//			c := exec.Command(os.Args[0], os.Args[1:]...)
//			c.Env = append(os.Environ(), "WORKER=1")
//			c.Stdout, c.Stderr = os.Stdout, os.Stderr
//			if c.Run() == nil {
//				return
//			}
//		}
//		work() // goes on with what was saved; in the parent as a last try
//	}
//
// A driver may also hang within a call. Calls tells that from another goroutine.
func Open(o Options) (*Device, error) {
	defer begin()()
	found, err := enumerate(o.Backend)
	if err != nil {
		return nil, err
	}
	var adapters []Adapter
	for _, a := range found.Adapters() {
		adapters = append(adapters, describe(a))
	}
	i, err := Choose(adapters, o.Adapter)
	if err != nil {
		found.Release()
		return nil, err
	}
	if o.DefaultLimits {
		adapters[i].Limits = adapters[i].Limits.atMost(DefaultLimits())
	}
	device, err := found.Adapters()[i].Open(adapters[i].Limits.host())
	if err != nil {
		found.Release()
		return nil, fmt.Errorf("engine: %v: the driver refused to open the adapter: close other programs that use the GPU, or update the driver", adapters[i])
	}
	return &Device{adapter: adapters[i], host: device, kernels: map[string]*host.Pipeline{}, instance: found}, nil
}

// Adapter returns the adapter that was opened. Its limits are those of the device.
func (d *Device) Adapter() Adapter { return d.adapter }

// Kernels returns how many kernels have been compiled.
func (d *Device) Kernels() int { return len(d.kernels) }

// Submissions returns how many times the GPU got work.
func (d *Device) Submissions() int { return d.submissions }

// check returns an error if the device was released, was lost or hangs, because wgpu would abort the
// process.
func (d *Device) check() error {
	if d.released && d.dead == nil {
		return fmt.Errorf("engine: the device %w: open another", ErrReleased)
	}
	return d.dead
}

// Release frees the device. Wait for every submission first: nothing may be in flight. What the
// device made can still be released afterwards.
func (d *Device) Release() {
	if d.released {
		return
	}
	defer begin()()
	if d.dead == nil {
		d.uploads.release(d)
	}
	d.released = true
	if d.dead != nil {
		return
	}
	for _, s := range d.kept {
		s.gpu.Release()
	}
	for _, p := range d.kernels {
		p.Release()
	}
	d.host.Release()
	d.instance.Release()
}
