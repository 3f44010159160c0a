//go:build (linux || windows) && !headless && !wgpu27

package window

import (
	_ "embed"
	"image"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

//go:embed blit.wgsl
var blitSource string

// blit is a render pipeline that copies a texture to another.
type blit struct {
	device   *wgpu.Device
	layout   *wgpu.BindGroupLayout
	pipeline *wgpu.RenderPipeline
}

// newBlit compiles the pipeline for targets of a format.
func newBlit(device *wgpu.Device, format wgpu.TextureFormat) (blit, error) {
	module, err := device.CreateShaderModule(&wgpu.ShaderModuleDescriptor{
		Label: "blit", WGSLDescriptor: &wgpu.ShaderModuleWGSLDescriptor{Code: blitSource},
	})
	if err != nil {
		return blit{}, err
	}
	defer module.Release()
	b := blit{device: device}
	b.layout, err = device.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{Label: "blit", Entries: []wgpu.BindGroupLayoutEntry{{
		Binding: 0, Visibility: wgpu.ShaderStage_Fragment,
		Texture: wgpu.TextureBindingLayout{SampleType: wgpu.TextureSampleType_Float, ViewDimension: wgpu.TextureViewDimension_2D},
	}}})
	if err != nil {
		return blit{}, err
	}
	layout, err := device.CreatePipelineLayout(&wgpu.PipelineLayoutDescriptor{Label: "blit", BindGroupLayouts: []*wgpu.BindGroupLayout{b.layout}})
	if err != nil {
		return b, err
	}
	defer layout.Release()
	b.pipeline, err = device.CreateRenderPipeline(&wgpu.RenderPipelineDescriptor{
		Label: "blit", Layout: layout,
		Vertex:      wgpu.VertexState{Module: module, EntryPoint: "cover"},
		Primitive:   wgpu.PrimitiveState{Topology: wgpu.PrimitiveTopology_TriangleList},
		Multisample: wgpu.MultisampleState{Count: 1, Mask: 0xFFFFFFFF},
		Fragment: &wgpu.FragmentState{Module: module, EntryPoint: "copy",
			Targets: []wgpu.ColorTargetState{{Format: format, WriteMask: wgpu.ColorWriteMask_All}}},
	})
	return b, err
}

// bind makes the bind group that draw needs.
func (b blit) bind(t *texture) error {
	var err error
	t.group, err = b.device.CreateBindGroup(&wgpu.BindGroupDescriptor{
		Label: "blit", Layout: b.layout, Entries: []wgpu.BindGroupEntry{{Binding: 0, TextureView: t.view}},
	})
	return err
}

// draw records a copy of a bound texture to a target.
func (b blit) draw(encoder *wgpu.CommandEncoder, target *wgpu.TextureView, t *texture) error {
	pass := encoder.BeginRenderPass(&wgpu.RenderPassDescriptor{ColorAttachments: []wgpu.RenderPassColorAttachment{{
		View: target, LoadOp: wgpu.LoadOp_Clear, StoreOp: wgpu.StoreOp_Store,
	}}})
	defer pass.Release()
	pass.SetPipeline(b.pipeline)
	pass.SetBindGroup(0, t.group, nil)
	pass.Draw(3, 1, 0, 0)
	return pass.End()
}

func (b blit) release() {
	if b.pipeline != nil {
		b.pipeline.Release()
	}
	if b.layout != nil {
		b.layout.Release()
	}
}

// texture is a texture with its view and the bind group that a blit reads it by.
type texture struct {
	size    image.Point
	texture *wgpu.Texture
	view    *wgpu.TextureView
	group   *wgpu.BindGroup // nil unless bound
}

func newTexture(device *wgpu.Device, size image.Point, format wgpu.TextureFormat, usage wgpu.TextureUsage) (*texture, error) {
	t := &texture{size: size}
	var err error
	t.texture, err = device.CreateTexture(&wgpu.TextureDescriptor{
		Usage: usage, Dimension: wgpu.TextureDimension_2D, Size: *t.extent(), Format: format, MipLevelCount: 1, SampleCount: 1,
	})
	if err != nil {
		return nil, err
	}
	if t.view, err = t.texture.CreateView(nil); err != nil {
		t.release()
		return nil, err
	}
	return t, nil
}

func (t *texture) extent() *wgpu.Extent3D {
	return &wgpu.Extent3D{Width: uint32(t.size.X), Height: uint32(t.size.Y), DepthOrArrayLayers: 1}
}

// release frees a texture. It may be nil.
func (t *texture) release() {
	if t == nil {
		return
	}
	if t.group != nil {
		t.group.Release()
	}
	if t.view != nil {
		t.view.Release()
	}
	t.texture.Release()
}
