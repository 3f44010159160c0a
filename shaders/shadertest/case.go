package shadertest

import "wgpucnn/engine"

// Case is one line of a case table.
type Case interface {
	Name() string // seeds the values of the case
	Try(r *Rig)   // lays the case out, runs it and compares; the rig keeps what is wrong
}

// Outcome is the result of a case.
type Outcome struct {
	Plans []engine.Plan // that ran
	Worst float64       // largest error in units of its tolerance
	Err   error         // the first fault; it wraps engine.ErrLimit if the adapter cannot run the case
}

// Try puts a case on trial on a device. Without a device it is a rehearsal: the outcome has the plans
// up to the first that the case needs the result of, and an error.
func Try(dev *engine.Device, c Case) Outcome {
	r := NewRig(dev, c.Name())
	c.Try(r)
	return r.Outcome
}

// Cases returns cases of one type as a table.
func Cases[C Case](cases []C) []Case {
	table := make([]Case, len(cases))
	for i, c := range cases {
		table[i] = c
	}
	return table
}
