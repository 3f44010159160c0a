package engine_test

import (
	"errors"
	"strings"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// After a submission hangs, no memory is freed that the GPU may still use, and every call
// returns an error.
func TestHang(t *testing.T) {
	dev := enginetest.Open(t)
	if dev.Adapter().Backend == "OpenGL" {
		t.Skip("OpenGL on the CPU computes within Submit: no submission is left to wait for")
	}
	x, y := engine.NewBuffer("x", 1<<20), engine.NewBuffer("y", 1<<20)
	program, err := dev.Compile(rectify(x.All(), y.All()))
	if err != nil {
		t.Fatal(err)
	}
	recorder := dev.NewRecorder()
	for range 1000 {
		recorder.Run(program)
	}
	read := make([]byte, y.Size())
	recorder.Read(y.All(), read)
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	defer engine.SetHangTimeout(engine.SetHangTimeout(0))
	if err := pending.Wait(); !errors.Is(err, engine.ErrHangs) || !strings.Contains(err.Error(), "its driver hangs: restart the program") {
		t.Errorf("got %v, want ErrHangs", err)
	}
	engine.Release(x, y)
	program.Release()
	dev.Release()
	for name, err := range map[string]error{"write": dev.Write(x.All(), read), "allocate": dev.Allocate(x), "wait": pending.Wait()} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	pending.Drain() // the process would abort here if something had been freed
}
