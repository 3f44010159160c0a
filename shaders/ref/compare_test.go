package ref

import (
	"math"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tests := []struct {
		name       string
		got, want  []float64
		atol, rtol float64
		message    string // part of the error, "" for none
	}{
		{"nothing", nil, nil, 0, 0, ""},
		{"equal without tolerance", []float64{0, 1, inf}, []float64{0, 1, inf}, 0, 0, ""},
		{"at atol", []float64{0.5}, []float64{0}, 0.5, 0, ""},
		{"above atol", []float64{0.75}, []float64{0}, 0.5, 0, "index 0 of 1: got 0.75, want 0: 1.5 times"},
		{"at rtol", []float64{-3}, []float64{-4}, 0, 0.25, ""},
		{"above rtol", []float64{-2}, []float64{-4}, 0, 0.25, "index 0 of 1: got -2, want -4: 2 times"},
		{"worst of several", []float64{2, 1, 14, 3}, []float64{1, 1, 10, 1}, 1, 0, "index 2 of 4: got 14, want 10: 4 times"},
		{"no tolerance", []float64{1}, []float64{2}, 0, 0, "+Inf times"},
		{"NaN", []float64{1, nan}, []float64{1, 1}, 1, 1, "index 1 of 2: got NaN, want 1"},
		{"NaN wanted", []float64{nan}, []float64{nan}, 1, 1, "got NaN, want NaN"},
		{"infinity", []float64{inf}, []float64{1}, 1, 1, "got +Inf, want 1"},
		{"infinity wanted", []float64{1}, []float64{inf}, 1, 1, "got 1, want +Inf"},
		{"the other infinity", []float64{-inf}, []float64{inf}, 1, 1, "got -Inf, want +Inf"},
		{"too short", []float64{1}, []float64{1, 2}, 1, 1, "got 1 values, want 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Compare(test.got, test.want, test.atol, test.rtol)
			if test.message == "" {
				if err != nil {
					t.Errorf("got %v, want no error", err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want an error with %q", err, test.message)
			}
		})
	}
	if err := Compare([]float32{float32(nan)}, []float64{1}, 1, 1); err == nil {
		t.Error("NaN of float32 passed")
	}
}
