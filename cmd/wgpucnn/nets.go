package main

import (
	"fmt"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/nn"
	"wgpucnn/nn/nets"
	"wgpucnn/nn/report"
)

// net is a network that the flags name. The data give it its input and its classes.
type net struct {
	name string
	spec *nets.Spec
}

// nets returns the networks that the run trains.
func (s settings) nets() ([]net, error) {
	flag, texts := "net", s.net
	if len(texts) == 0 {
		flag, texts = "pooling", s.pooling
	}
	var all []net
	unnamed := 0
	for _, text := range texts {
		name, spec, err := nets.Named(text, nn.LabOptions{Hidden: s.hidden, PoolSize: s.poolSize})
		if err != nil {
			return nil, fail.Usagef("train: --%s: %v", flag, err)
		}
		if name == "" {
			unnamed++
			name = fmt.Sprintf("net%d", unnamed)
		}
		for _, other := range all {
			if strings.EqualFold(name, other.name) { // as some file systems do
				return nil, fail.Usagef("train: --%s: two networks are named %s: name one of them otherwise: --net 'NAME: TEXT'", flag, name)
			}
		}
		if strings.EqualFold(name, runs.BestName) {
			return nil, fail.Usagef("train: --net: a network is named %s: that is the second name of the best one: want another", name)
		}
		all = append(all, net{name, spec})
	}
	return all, nil
}

// labFlags are the sizes of the lab's networks.
var labFlags = []string{"hidden", "pool-size"}

// ofLab tells whether the run trains a network of the lab.
func (s settings) ofLab() bool {
	return len(s.net) == 0 || slices.ContainsFunc(s.net, func(text string) bool { return slices.Contains(nn.Poolings, strings.TrimSpace(text)) })
}

// describeNets returns the texts of the networks, none for those of --pooling.
func (s settings) describeNets() []report.Net {
	if len(s.net) == 0 {
		return nil
	}
	all, _ := s.nets()
	var texts []report.Net
	for _, n := range all {
		texts = append(texts, report.Net{Name: n.name, Text: n.spec.String()})
	}
	return texts
}

// variant is a network of a run and the seed that it is trained from, under its name.
type variant struct {
	name    string
	network string // its name, if the run has several seeds
	seed    uint64
	model   *nn.Network
}

// variants returns the networks that the run trains, for its data.
func (r *run) variants() ([]variant, error) {
	var all []variant
	images := r.data.Train
	for _, u := range r.units() {
		normalization, err := r.normalization(u.seed)
		if err != nil {
			return nil, err
		}
		model, err := u.spec.Network(nn.Shape{images.Height, images.Width, images.Channels}, len(r.data.Classes), normalization)
		if err != nil {
			return nil, fmt.Errorf("train: %s: %w", u.name, err)
		}
		if r.scheme == "he" {
			model.SetInit(nn.Init{Scheme: nn.KaimingNormal})
		}
		v := variant{name: u.variant, seed: u.seed, model: model}
		if r.seeds != "" {
			v.network = u.name
		}
		all = append(all, v)
	}
	return all, nil
}
