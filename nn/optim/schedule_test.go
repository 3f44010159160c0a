package optim

import (
	"fmt"
	"math"
	"testing"

	"wgpucnn/shaders/ref"
	"wgpucnn/testdata/golden/operations"
)

// Every schedule against PyTorch's learning rates.
func TestSchedules(t *testing.T) {
	type config struct {
		Kind                 string
		Steps, Warmup, Every int
		Gamma, Share         float64
	}
	kinds := map[string]bool{}
	for _, c := range operations.Cases[config]("schedules") {
		kinds[c.Config.Kind] = true
		var schedule Schedule
		var err error
		switch c.Config.Kind {
		case "cosine":
			schedule, err = Cosine(c.Config.Warmup, c.Config.Steps)
		case "half steps":
			schedule, err = CosineShare(c.Config.Share, c.Config.Steps)
		case "onecycle":
			schedule, err = OneCycle(c.Config.Steps)
		case "steps":
			schedule, err = Steps(c.Config.Every, c.Config.Gamma)
		}
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		o := SGD{LR: 1, Schedule: schedule}
		var rates []float64
		for step := range c.Config.Steps {
			rates = append(rates, o.Rates(step, 0)[0])
		}
		if err := ref.Compare(rates, c.Floats("lr"), 1e-12, 1e-12); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	if len(kinds) != 5 {
		t.Errorf("cases of %v", kinds)
	}
}

// Behind their last step the schedules that have a last step stay where they ended.
func TestSchedulesEnd(t *testing.T) {
	cosine, err := Cosine(2, 9)
	if err != nil {
		t.Fatal(err)
	}
	share, err := CosineShare(0.1, 9)
	if err != nil {
		t.Fatal(err)
	}
	cycle, err := OneCycle(9)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{9, 10, 1000} {
		if got := cosine(step); got != 0 {
			t.Errorf("cosine at step %d: %v", step, got)
		}
		if got := share(step); got != 0 {
			t.Errorf("cosine of half steps at step %d: %v", step, got)
		}
		if got := cycle(step); got != cycle(8) {
			t.Errorf("one cycle at step %d: %v, want %v", step, got, cycle(8))
		}
	}
}

func TestScheduleErrors(t *testing.T) {
	for _, c := range [][2]int{{-1, 9}, {9, 9}, {0, 0}} {
		if _, err := Cosine(c[0], c[1]); err == nil {
			t.Errorf("Cosine(%d, %d) passed", c[0], c[1])
		}
	}
	for _, share := range []float64{-0.1, 1, math.NaN()} {
		if _, err := CosineShare(share, 9); err == nil {
			t.Errorf("CosineShare(%v, 9) passed", share)
		}
	}
	for _, total := range []int{0, -1} {
		if _, err := CosineShare(0.1, total); err == nil {
			t.Errorf("CosineShare(0.1, %d) passed", total)
		}
		if _, err := OneCycle(total); err == nil {
			t.Errorf("OneCycle(%d) passed", total)
		}
	}
	for _, c := range []struct {
		every int
		gamma float64
	}{{0, 0.1}, {-1, 0.1}, {1, 0}, {1, -1}, {1, 1.1}, {1, math.NaN()}} {
		if _, err := Steps(c.every, c.gamma); err == nil {
			t.Errorf("Steps(%d, %v) passed", c.every, c.gamma)
		}
	}
}

func ExampleCosine() {
	schedule, err := Cosine(2, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	o := AdamW{LR: 0.3, Schedule: schedule}
	for _, step := range []int{0, 1, 2, 6, 9} {
		fmt.Printf("%d: %.3f\n", step, o.Rates(step, 0)[0])
	}
	// Output:
	// 0: 0.100
	// 1: 0.200
	// 2: 0.300
	// 6: 0.150
	// 9: 0.011
}
