package engine_test

import (
	"errors"
	"syscall/js"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// After the browser lost the device, the wait and all later calls return ErrLost.
func TestDeviceLost(t *testing.T) {
	js.Global().Call("eval", `{
		const request = GPUAdapter.prototype.requestDevice;
		GPUAdapter.prototype.requestDevice = async function (descriptor) {
			return globalThis.testDevice = await request.call(this, descriptor);
		};
	}`)
	dev := enginetest.Open(t)
	program, x, y := setUp(t, dev, 64)
	values := make([]float32, 64)
	recorder := dev.NewRecorder()
	recorder.Run(program)
	recorder.Read(y, engine.Bytes(values))
	pending, err := recorder.Submit()
	if err != nil {
		t.Fatal(err)
	}
	js.Global().Get("testDevice").Call("destroy")
	lost := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, engine.ErrLost) {
			t.Errorf("%s: got %v, want ErrLost", what, err)
		}
	}
	lost("wait", pending.Wait())
	lost("write", dev.Write(x, engine.Bytes(values)))
	lost("read", engine.Read(dev, y, values))
	_, err = dev.Compile(program.Plan())
	lost("compile", err)
	program.Release()
	engine.Release(x.Buffer, y.Buffer)
}
