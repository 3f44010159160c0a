package bench_test

import (
	"fmt"
	"log"

	"wgpucnn/nn/bench"
)

// Twelve times in seconds, one of them disturbed. The disturbed value does not change the
// median, and lies outside its interval.
func ExampleNewSample() {
	s, err := bench.NewSample([]float64{0.063, 0.062, 0.064, 0.063, 0.065, 0.290, 0.062, 0.064, 0.063, 0.062, 0.064, 0.061})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, between %s and %s\n", bench.Duration(s.Median), bench.Duration(s.Low), bench.Duration(s.High))
	// Output: 63.0 ms, between 62.0 ms and 65.0 ms
}
