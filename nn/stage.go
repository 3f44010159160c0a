package nn

import (
	"strings"

	"wgpucnn/engine"

	"wgpucnn/shaders"
)

// What image_step.wgsl takes of an adapter besides memory: invocations of its workgroup, and storage
// buffers.
const (
	ImageStepWorkgroup = 256
	ImageStepBuffers   = 13
)

// Bounds of what an invocation of a stage holds in registers: vec4s of sums, vec4s of a run, and vec4s
// of weights that it loads ahead.
const (
	stageSums  = 16
	stageSpan  = 12
	stageAhead = 5
)

// Stage is a convolution in the memory of one workgroup: forward, or backward_input. See the constants
// in shaders/parts/stage.wgsl. Memory is counted in vec4s.
type Stage struct {
	gpuTile        // its whole map; the channels as the kernel of the GPU family cuts them
	layer   Conv2d // of the node
	shares  int    // invocations for each sum
	turns   int    // units of an invocation
}

// NewStage returns the stage of a node's dispatch, which stages `chunk` channels of weights at a time, or
// fewer. It returns false if the GPU family does not take the dispatch, or if a stage would need
// too many registers.
func NewStage(n *Node, entry string, chunk int) (Stage, bool) {
	l, ok := n.Layer.(Conv2d)
	if !ok {
		return Stage{}, false
	}
	t, ok := l.gpuTile(n, entry)
	if !ok {
		return Stage{}, false
	}
	s := Stage{gpuTile: t, layer: l}
	s.source, s.target = n.In, n.Out // not flat: neighbours have their maps
	if s.input {
		s.source, s.target = n.Out, n.In
	}
	s.images, s.rows = 1, s.target[1]
	s.cutRuns()
	s.turns = CeilDiv(s.units(), ImageStepWorkgroup)
	fit := stageAhead * ImageStepWorkgroup / s.channelWeights()
	if fit == 0 || s.span > stageSpan || s.turns*s.run > stageSums {
		return Stage{}, false
	}
	s.chunk = min(chunk, s.source[0], fit)
	s.chunk = CeilDiv(s.source[0], CeilDiv(s.source[0], s.chunk)) // chunks of about equal size
	s.shares = 1
	if s.turns == 1 {
		s.shares = min(ImageStepWorkgroup/s.units(), s.chunk*s.steps)
	}
	return s, true
}

// cutRuns cuts the rows of the target into runs: one of up to 8 columns, or several that begin at
// whole vec4s of the source.
func (s *Stage) cutRuns() {
	width, stride := s.target[2], s.layer.stride()
	most := []int{8, 4}
	if s.input {
		most = []int{max(8, 4*stride)}
	}
	for _, s.run = range most {
		s.run = min(s.run, width)
		s.runs = CeilDiv(width, s.run)
		s.layer.cutPatch(&s.gpuTile)
		if s.span <= stageSpan {
			break
		}
	}
	last := s.runs*s.run - 1 // column that a run computes, maybe behind the map
	var columns int          // of the source's memory: what runs read, and all of the source
	if s.input {
		s.patchRows = 1 + s.left + max((s.target[1]-1+s.layer.Padding)/stride, s.source[1]-1)
		columns = 1 + s.left + max((last+s.layer.Padding)/stride, s.source[2]-1)
	} else {
		s.phaseRows = 1 + max(s.rows-1+(s.layer.Kernel-1)/stride, (s.source[1]-1+s.layer.Padding)/stride)
		s.patchRows = stride * s.phaseRows
		columns = max(last*stride+s.layer.Kernel, s.source[2]+s.layer.Padding)
	}
	s.pixelRow = CeilDiv(columns, 4) | 1
}

// units returns the runs of the target for each four channels.
func (s Stage) units() int { return CeilDiv(s.target[0], 4) * s.rows * s.runs }

// groupsOfBlock returns the groups of four channels of a block of the packed weights.
func (s Stage) groupsOfBlock() int { return s.quads * s.groups }

// channelWeights returns the weights of a channel of the source.
func (s Stage) channelWeights() int {
	return s.blocks * s.layer.Kernel * s.groupsOfBlock() * s.filterRow
}

// Source returns the memory of the source with its padding.
func (s Stage) Source() int { return s.source[0] * s.patchRows * s.pixelRow }

// Weights returns the memory of a chunk of weights.
func (s Stage) Weights() int { return s.chunk * s.channelWeights() }

// Shares returns the memory of the sums that are shared.
func (s Stage) Shares() int { return (s.shares - 1) * s.units() * s.run }

// Constants returns the constants of the parts stage, and stage_forward or stage_backward, under a prefix.
// The numbers say where source, weights and shares lie in the workgroup's memory, and where the weights
// lie in the buffer of packed copies.
func (s Stage) Constants(prefix string, source, weights, shares, packed int) shaders.Constants {
	l := s.layer
	constants := shaders.Constants{
		{Name: "SOURCE", Value: source}, {Name: "WEIGHTS", Value: weights}, {Name: "SHARES", Value: shares}, {Name: "PACKED", Value: packed},
		{Name: "SOURCE_C", Value: s.source[0]}, {Name: "TARGET_C", Value: s.target[0]}, {Name: "HEIGHT", Value: s.target[1]}, {Name: "WIDTH", Value: s.target[2]}, {Name: "MAP", Value: s.target[1] * s.target[2]},
		{Name: "KERNEL", Value: l.Kernel}, {Name: "STRIDE", Value: l.stride()}, {Name: "PAD", Value: l.Padding}, {Name: "STEPS", Value: s.steps},
		{Name: "RUN", Value: s.run}, {Name: "RUNS", Value: s.runs}, {Name: "SPAN", Value: s.span}, {Name: "MARGIN", Value: s.left},
		{Name: "PHASE_ROWS", Value: s.phaseRows}, {Name: "PATCH_ROWS", Value: s.patchRows}, {Name: "PIXEL_ROW", Value: s.pixelRow},
		{Name: "UNITS", Value: s.units()}, {Name: "THREADS", Value: min(s.units(), ImageStepWorkgroup)}, {Name: "TURNS", Value: s.turns},
		{Name: "SPLIT", Value: s.shares}, {Name: "SHARED", Value: s.shares > 1},
		{Name: "GROUPS", Value: s.groupsOfBlock()}, {Name: "FILTER_ROW", Value: s.filterRow}, {Name: "CHUNK", Value: s.chunk},
		{Name: "LOADS", Value: s.Weights()}, {Name: "LOAD_TURNS", Value: CeilDiv(s.Weights(), ImageStepWorkgroup)},
		{Name: "FILTERS", Value: s.filters()}, {Name: "BIAS", Value: s.filters()},
	}
	for i := range constants {
		constants[i].Name = strings.ToUpper(prefix) + "_" + constants[i].Name
	}
	return constants
}

// ImageStepGather returns the constants and bindings with which shaders/image_step.wgsl gathers images of a
// shape (C, H, W) and normalises them to x.
func (l Normalize) ImageStepGather(s Step, maps Shape) (shaders.Constants, []engine.Binding) {
	constants := append(l.gatherConstants(s, maps), shaders.Constants{
		{Name: "IMAGE_W", Value: maps[2]}, {Name: "WHOLE_PIXELS", Value: maps[1]*maps[2]%4 == 0}, {Name: "PIXEL_TURNS", Value: CeilDiv(maps.Size()/4, ImageStepWorkgroup)},
	}...)
	return constants, l.gatherBindings(s)
}
