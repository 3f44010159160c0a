package main

import (
	"io"

	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/nn"
	"wgpucnn/nn/nets"
)

// summarizeNet shows the network of --net.
func summarizeNet(s summarySettings, files []string, out io.Writer) error {
	switch {
	case len(files) > 0:
		return fail.Usagef("summary: --net and %s: want one of them", files[0])
	case s.model.Pooling != "":
		return fail.Usagef("summary: --pooling is for a model's file: leave it out")
	case s.size < 1 || s.size > 4096:
		return fail.Usagef("summary: --size %d: want 1 to 4096", s.size)
	case s.classes < 1 || s.classes > 65536:
		return fail.Usagef("summary: --classes %d: want 1 to 65536", s.classes)
	}
	_, spec, err := nets.Named(s.net, nn.LabOptions{})
	var network *nn.Network
	if err == nil {
		network, err = spec.Network(nn.Shape{s.size, s.size, 3}, s.classes, nn.LabNormalize)
	}
	if err != nil {
		return fail.Usagef("summary: --net: %v", err)
	}
	if s.json {
		return printJSON(out, describeNetwork(network))
	}
	terminal.Say(out, "images   %d x %d, classes: %d\n%s", s.size, s.size, s.classes, networkText(network, terminal.Columns(out)))
	return nil
}
