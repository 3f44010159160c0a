package optim

import ()

// Schedule returns the factor of the learning rate for a step, counted from 0. nil means 1
// for every step.
type Schedule func(step int) float64
