package engine_test

import (
	"fmt"
	"log"
	"testing"

	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/shaders"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// A kernel of shaders/relu.wgsl runs over four numbers.
func Example() {
	dev, err := engine.Open(engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Release()
	x, y := engine.NewBuffer("x", 16).All(), engine.NewBuffer("y", 16).All()
	defer engine.Release(x.Buffer, y.Buffer)
	program, err := dev.Compile(engine.Plan{{
		Kernel: engine.Kernel{File: "relu", Entry: "forward", Constants: shaders.Constants{
			{Name: "SIZE", Value: 4}, {Name: "WORKGROUP", Value: 64},
		}},
		Bindings:   []engine.Binding{{Name: "x", View: x}, {Name: "y", View: y}},
		Workgroups: [3]int{1, 1, 1},
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer program.Release()
	if err := dev.Write(x, engine.Bytes([]float32{-2, -0.5, 1, 3})); err != nil {
		log.Fatal(err)
	}

	recorder := dev.NewRecorder()
	recorder.Run(program)
	values := make([]float32, 4)
	recorder.Read(y, engine.Bytes(values))
	pending, err := recorder.Submit() // returns at once, with the first error of the recording
	if err == nil {
		err = pending.Wait() // fills values
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(program.Plan())
	fmt.Println(values)
	// Output:
	// 1  relu.forward  1 x 1 x 1  x=x y=y  SIZE=4 WORKGROUP=64
	// [0 0 1 3]
}
