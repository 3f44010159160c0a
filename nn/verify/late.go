package verify

// late is a step with a large number: within its epoch, or by the number of its epoch.
type late struct {
	label        string
	count, batch int // rows of an epoch, and of a step
	step         int
}

// longEpochs are the last steps of long epochs. Their numbers stand near 2^16, 2^20 and 2^32 - 1, and so do those of
// their rows. A kernel that keeps fewer bits of a number takes another step's rows, or takes the last batch for a full
// one.
func longEpochs() []late {
	return append(storedEpochs(),
		late{"an epoch of 2^31 steps", 1<<32 - 1, 2, 1<<31 - 1},
		late{"an epoch of 2^32 - 1 steps", 1<<32 - 1, 1, 1<<32 - 2},
	)
}

// storedEpochs are those of longEpochs that leave a kernel memory for each step.
func storedEpochs() []late {
	return []late{
		{"an epoch of more than 2^16 steps", 3*(1<<16+3) - 1, 3, 1<<16 + 2},
		{"an epoch of more than 2^20 steps", 3*(1<<20+3) - 1, 3, 1<<20 + 2},
	}
}

// lateEpochs are the last steps of epochs whose numbers stand near 2^16, 2^20 and 2^32 - 1.
func lateEpochs() []late {
	return []late{
		{"an epoch from 2^16 on", 5, 3, 2*(1<<16+1) + 1},
		{"an epoch from 2^20 on", 5, 3, 2*(1<<20+1) + 1},
		{"the last epoch before 2^32", 5, 3, 2*(1<<32-1) + 1},
	}
}
