package report

import (
	"math"
	"math/big"
	"testing"
)

func TestMcNemar(t *testing.T) {
	// exact computes the same with big integers.
	exact := func(a, b int) float64 {
		sum := new(big.Int)
		for k := range min(a, b) + 1 {
			sum.Add(sum, new(big.Int).Binomial(int64(a+b), int64(k)))
		}
		p, _ := new(big.Rat).SetFrac(sum.Lsh(sum, 1), new(big.Int).Lsh(big.NewInt(1), uint(a+b))).Float64()
		return min(1, p)
	}
	for _, c := range [][2]int{{0, 0}, {1, 0}, {0, 5}, {5, 5}, {20, 11}, {11, 20}, {100, 60}, {700, 600}, {2000, 1000}} {
		if got, want := McNemar(c[0], c[1]), exact(c[0], c[1]); !(math.Abs(got-want) <= 1e-10*want) {
			t.Errorf("%v: got %v, want %v", c, got, want)
		}
	}
	// By hand: five heads in five throws give 2/32, eight in eight give 2/256.
	if got := McNemar(0, 5); math.Abs(got-0.0625) > 1e-12 {
		t.Errorf("0 and 5: got %v, want 0.0625", got)
	}
	if got := McNemar(8, 0); math.Abs(got-2.0/256) > 1e-12 {
		t.Errorf("8 and 0: got %v, want %v", got, 2.0/256)
	}
}
