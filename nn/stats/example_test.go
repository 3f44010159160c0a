package stats_test

import (
	"fmt"

	"wgpucnn/nn/stats"
)

// Two networks were trained from the seeds 0 to 7. The differences are test rows that the first one has
// right more than the second, by seed.
func ExampleSignFlip() {
	differences := []int{4, 3, 7, 3, 2, 9, 2, 5}
	fmt.Println(stats.SignFlip(differences))
	// Output: 0.0078125
}
