package main

import "wgpucnn/nn"

// variant is a network of a run under its name.
type variant struct {
	name  string
	model *nn.Network
}

// names returns the names of the variants that the run trains.
func (s settings) names() []string { return s.pooling }

// variants returns the networks that the run trains, for its data.
func (r *run) variants() ([]variant, error) {
	var all []variant
	images := r.data.Train
	for _, pooling := range r.pooling {
		model, err := nn.NewLab(pooling, nn.Shape{images.Height, images.Width, images.Channels},
			nn.LabOptions{Classes: len(r.data.Classes), Hidden: r.hidden, PoolSize: r.poolSize})
		if err != nil {
			return nil, err
		}
		all = append(all, variant{pooling, model})
	}
	return all, nil
}
