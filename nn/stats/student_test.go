package stats

import (
	"math"
	"testing"
)

// What scipy 1.17.1 gives for numpy.mean, numpy.std(ddof=1) and
// ttest_1samp(values, 0).confidence_interval().
func TestSample(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Sample
	}{
		{[]float64{0.71, 0.74}, Sample{2, 0.725, 0.021213203435596444, 0.5344069289573794, 0.9155930710426206}},
		{[]float64{0.797, 0.773, 0.790}, Sample{3, 0.7866666666666667, 0.012342339054382423, 0.7560065967704664, 0.817326736562867}},
		{[]float64{4, -1, 7, 3, 2, 9, -2, 5, 6, 1}, Sample{10, 3.4, 3.5023801430836525, 0.8945481773105843, 5.9054518226894155}},
	} {
		got := NewSample(c.values)
		for i, pair := range [][2]float64{{got.Mean, c.want.Mean}, {got.Deviation, c.want.Deviation}, {got.Low, c.want.Low}, {got.High, c.want.High}} {
			if !(math.Abs(pair[0]-pair[1]) <= 1e-13*math.Abs(pair[1])) || got.N != c.want.N {
				t.Errorf("%v: figure %d is %v, want %v", c.values, i, pair[0], pair[1])
			}
		}
	}
	one := NewSample([]float64{0.5})
	if one.Mean != 0.5 || !math.IsNaN(one.Deviation) || !math.IsInf(one.Low, -1) || !math.IsInf(one.High, 1) {
		t.Errorf("one value gives %+v", one)
	}
}

// What scipy 1.17.1 gives for stats.t.ppf(0.975, freedom).
func TestStudentQuantile(t *testing.T) {
	for freedom, want := range map[int]float64{
		1: 12.706204736174694, 2: 4.302652729749462, 3: 3.1824463052837078, 4: 2.7764451051977934, 5: 2.5705818356363146, 9: 2.262157162798205,
		10: 2.228138851986274, 29: 2.045229642132703, 30: 2.0422724563012378, 99: 1.9842169515864174, 1000: 1.9623390808264083,
	} {
		if got := studentQuantile(freedom); !(math.Abs(got-want) <= 1e-12*want) {
			t.Errorf("%d degrees of freedom: %v, want %v", freedom, got, want)
		}
	}
}
