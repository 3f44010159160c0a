package engine_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
)

// loser is a variable that turns TestReleaseLost into the process that loses its device.
const loser = "ENGINE_LOSER"

// A device that was lost, and what it made, can be used and released. wgpu would abort the process at some of
// these calls.
func TestReleaseLost(t *testing.T) {
	if os.Getenv(loser) != "" {
		loseAndRelease(t)
		return
	}
	enginetest.Open(t)
	enginetest.FaultyDriver(t)
	t.Setenv(loser, "1")
	t.Setenv("FAULT_RESULT", "-4") // VK_ERROR_DEVICE_LOST
	for call, at := range map[string]int{"vkCreateShaderModule": 10, "vkCreateBuffer": 10, "vkCreateComputePipelines": 10} {
		t.Setenv("FAULT_CALL", call)
		t.Setenv("FAULT_AT", fmt.Sprint(at))
		if out, err := exec.Command(os.Args[0], "-test.run=^TestReleaseLost$").CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", call, err, out)
		}
	}
}

// loseAndRelease makes objects until the device is lost, and releases them all.
func loseAndRelease(t *testing.T) {
	dev, err := engine.Open(engine.Options{Backend: "vulkan"})
	if err != nil {
		t.Fatal(err)
	}
	program, x, y := setUp(t, dev, 64)
	enginetest.Run(t, dev, program, 1)
	recorder := dev.NewRecorder()
	values := make([]uint32, 64)
	var all []*engine.Buffer
	for turn := 1; err == nil && turn < 20; turn++ {
		plan := rectify(x, y)
		plan[0].Kernel.Constants[1].Value = turn // another kernel
		all = append(all, engine.NewBuffer("z", 4))
		if err = dev.Allocate(all...); err == nil {
			_, err = dev.Compile(plan)
		}
		if err == nil {
			err = engine.Read(dev, y, values)
		}
	}
	if !errors.Is(err, engine.ErrLost) {
		t.Fatalf("got %v, want ErrLost", err)
	}
	recorder.Run(program)
	if _, err := recorder.Submit(); !errors.Is(err, engine.ErrLost) {
		t.Errorf("submit: %v", err)
	}
	program.Release()
	engine.Release(append(all, x.Buffer, y.Buffer)...)
	dev.Release()
}
