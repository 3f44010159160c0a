package bench

import (
	"math"
	"testing"
)

// The perfect times were computed by hand. The best peak of each kind counts.
func TestExplain(t *testing.T) {
	measured := func(group Group, name string, seconds float64, flops, bytes int) Measurement {
		return Measurement{Group: group, Name: name, Method: Timestamps, Flops: flops, Bytes: bytes,
			Seconds: Sample{9, seconds, seconds, seconds, seconds, seconds}}
	}
	a := AdapterReport{Measurements: []Measurement{
		measured(Kernels, "base conv", 4e-3, 2e9, 1e8),
		measured(Kernels, "base copy", 1e-3, 1e6, 2e8),
		measured(Kernels, "base tiny", 1e-4, 10, 10),
		measured(Kernels, "base cached", 1e-3, 0, 4e8),
		measured(Kernels, "max conv", 8e-3, 2e9, 1e8),
		measured(Training, "base batch 8", 0.01, 0, 0),
		measured(Training, "max batch 8", 0.01, 0, 0),
		measured(Prediction, "base batch 8", 0.01, 1, 1),
		measured(Peaks, "slow multiply-adds", 2e-3, 1e9, 0),
		measured(Peaks, "multiply-adds", 1e-3, 1e9, 0), // 1e12 a second
		measured(Peaks, "copying", 5e-3, 0, 1e9),       // 2e11 a second
		measured(Peaks, "slow copying", 1e-2, 0, 1e9),
		measured(Overhead, emptyDispatch, 2e-5, 0, 0),
		measured(Overhead, "submit nothing", 1e-4, 0, 0),
		measured(Copies, "on the device", 1e-9, 0, 1e9), // which is no peak
	}}
	a.explain()
	for i, want := range []Perfect{
		{2e-3, 0.5, Arithmetic}, {1e-3, 1, Memory}, {2e-5, 0.2, Launch}, {2e-3, 2, Memory}, {2e-3, 0.25, Arithmetic},
		{Seconds: 2e-3 + 1e-3 + 2e-5 + 2e-3, Share: 0.502}, {Seconds: 2e-3, Share: 0.2}, {},
	} {
		m := a.Measurements[i]
		if got := m.Perfect; !(math.Abs(got.Seconds-want.Seconds) <= 1e-12) || !(math.Abs(got.Share-want.Share) <= 1e-9) || got.Bound != want.Bound {
			t.Errorf("%s: got %+v, want %+v", m.Name, got, want)
		}
	}
}
