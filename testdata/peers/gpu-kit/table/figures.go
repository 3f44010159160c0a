package main

import "fmt"

// figure is a line of the table. A figure of 0 to reach is none.
type figure struct {
	line            string
	unit            string
	reach, ambition float64
	atMost          bool // whether less is better
	measure         func(m measured) *value
}

// figures are all lines, with what they are to reach on an NVIDIA H100.
var figures = []figure{
	{"step of base, batch 128", "us", 60, 40, true, microseconds("Step/base")},
	{"step of stride, batch 128", "us", 50, 35, true, microseconds("Step/stride")},
	{"step of max, batch 128", "us", 62, 40, true, microseconds("Step/max")},
	{"step of avg, batch 128", "us", 62, 40, true, microseconds("Step/avg")},
	{"step of base layer by layer, batch 128", "us", 0, 0, true, microseconds("Step/layers")},
	{"base against PyTorch eager, TF32 off", "x", 0, 0, false, ratio("Step/base", "step/base/eager/tf32=off")},
	{"base against PyTorch eager, TF32 on", "x", 0, 0, false, ratio("Step/base", "step/base/eager/tf32=on")},
	{"base against PyTorch's CUDA graph, TF32 off", "x", 4, 6, false, ratio("Step/base", "step/base/graph/tf32=off")},
	{"base against PyTorch's CUDA graph, TF32 on", "x", 3, 4, false, ratio("Step/base", "step/base/graph/tf32=on")},
	{"500 epochs of base with evaluation", "s", 0.40, 0.28, true, epochs("Epoch/base")},
	{"500 epochs by `wgpucnn train`, on a GPU that was idle", "s", 0, 0, true, epochs("Train/base")},
	{"500 epochs against PyTorch's CUDA graph, TF32 off", "x", 0, 0, false, ratio("Epoch/base", "epoch/base/graph/tf32=off")},
	{"500 epochs against PyTorch's CUDA graph, TF32 on", "x", 0, 0, false, ratio("Epoch/base", "epoch/base/graph/tf32=on")},
	{"convolution forward, share of the peak", "%", 60, 75, false, share("Conv2d/forward")},
	{"convolution dx, share of the peak", "%", 60, 75, false, share("Conv2d/backward_input")},
	{"convolution dw, share of the peak", "%", 45, 75, false, share("Conv2d/backward_weight")},
	{"convolution forward against PyTorch, TF32 off", "x", 0, 0, false, ratio("Conv2d/forward", "conv2d/forward/tf32=off")},
	{"convolution dx against PyTorch, TF32 off", "x", 0, 0, false, ratio("Conv2d/backward_input", "conv2d/backward_input/tf32=off")},
	{"convolution dw against PyTorch, TF32 off", "x", 0, 0, false, ratio("Conv2d/backward_weight", "conv2d/backward_weight/tf32=off")},
	{"step of 20 M multiply-adds against PyTorch's CUDA graph, TF32 off", "x", 1, 1.5, false, ratio("Step/20M", "step/20M/graph/tf32=off")},
	{"step of 20 M multiply-adds against PyTorch's CUDA graph, TF32 on", "x", 0, 0, false, ratio("Step/20M", "step/20M/graph/tf32=on")},
	{"step of medium against PyTorch's CUDA graph, TF32 off", "x", 0, 0, false, ratio("Step/medium", "step/medium/graph/tf32=off")},
	{"step of medium against PyTorch's CUDA graph, TF32 on", "x", 0, 0, false, ratio("Step/medium", "step/medium/graph/tf32=on")},
	{"step of resnet against PyTorch's CUDA graph, TF32 off", "x", 0, 0, false, ratio("Resnet", "step/resnet/graph/tf32=off")},
	{"step of resnet against PyTorch's CUDA graph, TF32 on", "x", 0, 0, false, ratio("Resnet", "step/resnet/graph/tf32=on")},
	{"prediction at batch 1, divided by an empty submission and its wait", "x", 1.3, 0, true, prediction},
	{"copies to the device", "GB/s", 10, 0, false, copies("to the device")},
	{"copies from the device", "GB/s", 10, 0, false, copies("from the device")},
}

// microseconds returns the time of a benchmark's operation.
func microseconds(name string) func(measured) *value {
	return func(m measured) *value { return m.scaled(name, 1e-3) }
}

// epochs returns the seconds of the lab's 500 epochs, of a benchmark whose operation is an epoch.
func epochs(name string) func(measured) *value {
	return func(m measured) *value { return m.scaled(name, 500*1e-9) }
}

// peerPrefix begins the names of PyTorch's benchmarks.
const peerPrefix = "PyTorch/"

func ratio(ours, peer string) func(measured) *value {
	return func(m measured) *value { return m.ratio(ours, peerPrefix+peer) }
}

// share returns the percentage of the peak of multiply-adds that a benchmark reaches.
func share(name string) func(measured) *value {
	return func(m measured) *value {
		peak, all := m.bench.peak(), map[int]float64{}
		if peak == 0 {
			return nil
		}
		for round, rate := range m.of(name, "GFLOP/s") {
			all[round] = 100 * rate * 1e9 / peak
		}
		return over(all)
	}
}

func prediction(m measured) *value {
	ours, empty := m.bench.find("prediction", "base batch 1"), m.bench.find("overhead", "submit nothing and wait")
	if ours == nil || empty == nil {
		return nil
	}
	of := empty.Seconds.Median
	return &value{Median: ours.Seconds.Median / of, Low: ours.Seconds.P25 / of, High: ours.Seconds.P75 / of}
}

func copies(name string) func(measured) *value {
	return func(m measured) *value {
		if found := m.bench.find("copies", name); found != nil {
			return found.perSecond(found.Bytes)
		}
		return nil
	}
}

// verdict says whether a value reaches a figure.
func (f figure) verdict(v *value) string {
	reaches := func(want float64) bool {
		if f.atMost {
			return want > 0 && v.Median <= want
		}
		return want > 0 && v.Median >= want
	}
	switch {
	case v == nil || f.reach == 0:
		return ""
	case reaches(f.ambition):
		return "ambition"
	case reaches(f.reach):
		return "reached"
	}
	return "missed"
}

// goal formats a figure to reach.
func (f figure) goal(figure float64) string {
	if figure == 0 {
		return ""
	}
	return number(figure) + separated(f.unit)
}

// text formats a value and its range.
func (f figure) text(v *value) string {
	if v == nil {
		return "not measured"
	}
	return fmt.Sprintf("%s%s (%s to %s)", number(v.Median), separated(f.unit), number(v.Low), number(v.High))
}

// separated returns a unit as it follows a number: "1.3x", "75 %".
func separated(unit string) string {
	if unit == "x" {
		return unit
	}
	return " " + unit
}

// number formats three digits.
func number(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
