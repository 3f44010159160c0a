package engine

import (
	"encoding/json"
	"fmt"
	"slices"

	"wgpucnn/shaders"
)

// planFile is a plan as JSON: its buffers with their first contents, and its dispatches,
// which name buffers by their place in the list.
type planFile struct {
	Buffers    []bufferFile   `json:"buffers"`
	Dispatches []dispatchFile `json:"dispatches"`
}

type bufferFile struct {
	Name     string `json:"name"`
	Size     int    `json:"size"`               // bytes
	Contents []byte `json:"contents,omitempty"` // base64; zeros follow
}

type dispatchFile struct {
	File       string             `json:"file"`
	Entry      string             `json:"entry"`
	Text       string             `json:"text,omitempty"` // WGSL of a kernel that package shaders does not have
	Constants  []shaders.Constant `json:"constants"`
	Bindings   []bindingFile      `json:"bindings"`
	Workgroups [3]int             `json:"workgroups"`
	Flops      int                `json:"flops,omitempty"`
	Bytes      int                `json:"bytes"`
}

type bindingFile struct {
	Name   string `json:"name"`
	Buffer int    `json:"buffer"`
	Offset int    `json:"offset,omitempty"`
	Size   int    `json:"size"`
}

// MarshalJSON returns the plan as JSON, with the first contents of its buffers. Equal plans
// give equal texts.
func (p Plan) MarshalJSON() ([]byte, error) {
	var f planFile
	buffers := p.Buffers()
	for _, b := range buffers {
		f.Buffers = append(f.Buffers, bufferFile{b.Name, b.size, b.Contents})
	}
	for _, d := range p {
		out := dispatchFile{
			File: d.Kernel.File, Entry: d.Kernel.Entry, Text: d.Kernel.Text, Constants: d.Kernel.Constants,
			Workgroups: d.Workgroups, Flops: d.Flops, Bytes: d.Bytes,
		}
		for _, b := range d.Bindings {
			out.Bindings = append(out.Bindings, bindingFile{b.Name, slices.Index(buffers, b.View.Buffer), b.View.Offset, b.View.Size})
		}
		f.Dispatches = append(f.Dispatches, out)
	}
	return json.Marshal(f)
}

// UnmarshalJSON makes the plan that MarshalJSON wrote, with new buffers. Device.Compile checks
// what else the JSON says.
func (p *Plan) UnmarshalJSON(text []byte) error {
	var f planFile
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("engine: plan: %.200v", err)
	}
	var buffers []*Buffer
	for _, b := range f.Buffers {
		if len(b.Contents) > b.Size {
			return fmt.Errorf("engine: plan: buffer %.40q: %d bytes of contents for %d", b.Name, len(b.Contents), b.Size)
		}
		buffers = append(buffers, &Buffer{Name: b.Name, Contents: b.Contents, size: b.Size})
	}
	*p = nil
	for i, d := range f.Dispatches {
		dispatch := Dispatch{
			Kernel:     Kernel{File: d.File, Entry: d.Entry, Text: d.Text, Constants: d.Constants},
			Workgroups: d.Workgroups, Flops: d.Flops, Bytes: d.Bytes,
		}
		for _, b := range d.Bindings {
			if b.Buffer < 0 || b.Buffer >= len(buffers) {
				return fmt.Errorf("engine: plan: dispatch %d: %.40q: buffer %d: want one of %d", i, b.Name, b.Buffer, len(buffers))
			}
			dispatch.Bindings = append(dispatch.Bindings, Binding{b.Name, View{buffers[b.Buffer], b.Offset, b.Size}})
		}
		*p = append(*p, dispatch)
	}
	return nil
}
