package nn

import (
	"math"
	"testing"
)

func TestDropoutRefused(t *testing.T) {
	for p, want := range map[float64]string{
		1:          "nn: Dropout(p=1, inplace=False): want a p of 0 or more, below 1",
		-0.5:       "nn: Dropout(p=-0.5, inplace=False): want a p of 0 or more, below 1",
		math.NaN(): "nn: Dropout(p=NaN, inplace=False): want a p of 0 or more, below 1",
	} {
		if _, err := (Dropout{P: p}).OutShape(Shape{3}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if out, err := (Dropout{P: 0.5}).OutShape(Shape{3, 4}); err != nil || out.String() != "(3, 4)" {
		t.Errorf("got %v, %v", out, err)
	}
}
