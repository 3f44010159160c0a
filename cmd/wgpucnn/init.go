package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine"
	"wgpucnn/nn"
	"wgpucnn/nn/modelfile"
	"wgpucnn/nn/report"
)

// openInitial reads the model that the training starts from. It returns nil without --init.
func (r *run) openInitial() (*modelfile.Model, error) {
	if r.settings.init == "" {
		return nil, nil
	}
	path, err := runs.ModelPath(r.settings.init)
	if err != nil {
		return nil, fmt.Errorf("train: --init: %w", err)
	}
	pooling := "" // for a state dict whose shapes do not tell it
	if all, err := r.nets(); err == nil && len(all) == 1 && slices.Contains(nn.Poolings, all[0].name) {
		pooling = all[0].name
	}
	model, assumed, err := choose.ReadModel(path, pooling)
	if err != nil {
		return nil, fmt.Errorf("train: --init: %w", err)
	}
	r.settings.init = path
	terminal.Say(r.chat, "init     %s\n", path)
	choose.SayAssumed(r.chat, assumed)
	return model, nil
}

// checkInitial returns an error if the model that the training starts from has other layers than a
// variant.
func (r *run) checkInitial(v variant) error {
	if r.initial == nil {
		return nil
	}
	if got, want := difference(r.initial.Network, v.model); got != want {
		return fmt.Errorf("train: --init %s: the model has %s: want %s for %s: choose --pooling, --hidden, --pool-size and --classes, or --net, to fit it",
			r.settings.init, got, want, v.name)
	}
	return nil
}

// difference describes the first layers in which two networks differ. The descriptions are equal if the
// networks are.
func difference(a, b *nn.Network) (string, string) {
	for i := range max(len(a.Modules), len(b.Modules)) {
		if x, y := layerAt(a, i), layerAt(b, i); x != y {
			return x, y
		}
	}
	return "", ""
}

// layerAt describes a layer of a network and the shape of its input.
func layerAt(network *nn.Network, i int) string {
	if i >= len(network.Modules) {
		return fmt.Sprintf("no layer %d", i+1)
	}
	m := network.Modules[i]
	text := fmt.Sprintf("%s: %v on %v", m.Name, m.Layer, m.In)
	if others := network.OtherInputs(i); others != nil {
		text += " of " + strings.Join(others, ", ")
	}
	return text
}

// initialState returns the weights that the training starts from. It returns nil for random weights.
func (r *run) initialState() nn.StateDict {
	if r.initial == nil {
		return nil
	}
	return r.initial.State
}

// initialWeights returns what config.json says about those weights.
func (r *run) initialWeights() *report.Initial {
	if r.initial == nil {
		return nil
	}
	hash := sha256.New()
	for _, t := range r.initial.State {
		hash.Write(engine.Bytes(t.Data))
	}
	return &report.Initial{Model: r.settings.init, SHA256: hex.EncodeToString(hash.Sum(nil))}
}
