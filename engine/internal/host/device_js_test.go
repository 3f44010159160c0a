package host

import (
	"errors"
	"testing"
	"time"
)

// After a device is lost, requested mappings fail, mapped buffers take nothing, and Fault says ErrLost from
// then on.
func TestLost(t *testing.T) {
	d := open(t)
	up, down := d.make(t, 16, Upload), d.make(t, 16, Download)
	request := down.Map(16)
	d.device.Call("destroy")
	if request.Wait(time.Now(), time.Minute); request.OK() {
		t.Error("a buffer of a lost device is mapped")
	}
	up.Write(0, make([]byte, 16))
	for range 2 {
		if err := d.Fault(); !errors.Is(err, ErrLost) {
			t.Errorf("got %v, want ErrLost", err)
		}
	}
	if _, err := d.NewBuffer("late", 16, Storage); !errors.Is(err, ErrLost) {
		t.Errorf("new buffer: got %v, want ErrLost", err)
	}
}
