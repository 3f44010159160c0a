//go:build (linux || windows) && !headless && !wgpu27

package window

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"wgpucnn/engine/internal/native"

	"github.com/rajveermalviya/go-webgpu/wgpu"
)

// screen is the part of a window that wgpu draws.
type screen struct {
	instance *wgpu.Instance
	surface  *wgpu.Surface
	adapter  *wgpu.Adapter
	device   *wgpu.Device
	queue    *wgpu.Queue
	fault    native.Fault
	format   wgpu.TextureFormat
	blit     blit

	chain         *wgpu.SwapChain
	width, height int      // size of the swap chain
	picture       *texture // the picture shown last
}

// newScreen opens an adapter that can draw on a window. It prefers the adapter of that name.
func newScreen(window wgpu.SurfaceDescriptor, name string) (*screen, error) {
	s := &screen{instance: wgpu.CreateInstance(&wgpu.InstanceDescriptor{Backends: backends})}
	s.surface = s.instance.CreateSurface(&window)
	err := s.choose(name)
	if err == nil {
		s.device, err = s.adapter.RequestDevice(nil)
	}
	if err == nil {
		s.queue, s.fault = s.device.GetQueue(), native.Watch(s.device)
		s.blit, err = newBlit(s.device, s.format)
	}
	if err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

// choose sets the adapter, and a format that stores bytes unchanged.
func (s *screen) choose(name string) error {
	for _, a := range s.instance.EnumerateAdapters(&wgpu.InstanceEnumerateAdapterOptons{Backends: backends}) {
		formats := s.surface.GetCapabilities(a).Formats
		i := slices.IndexFunc(formats, func(f wgpu.TextureFormat) bool {
			return f == wgpu.TextureFormat_BGRA8Unorm || f == wgpu.TextureFormat_RGBA8Unorm
		})
		if i < 0 || s.adapter != nil && a.GetProperties().Name != name {
			a.Release()
			continue
		}
		if s.adapter != nil {
			s.adapter.Release()
		}
		s.adapter, s.format = a, formats[i]
	}
	if s.adapter == nil {
		return errors.New("no adapter can draw on this display")
	}
	return nil
}

// show draws a picture on the window, which has the given size.
func (s *screen) show(picture *image.RGBA, width, height int) error {
	if err := s.upload(picture); err != nil {
		return err
	}
	if width != s.width || height != s.height {
		s.resize(width, height)
	}
	view, err := s.next()
	if err != nil || view == nil {
		return err
	}
	defer view.Release()
	encoder, err := s.device.CreateCommandEncoder(nil)
	if err != nil {
		return err
	}
	defer encoder.Release()
	if err := s.blit.draw(encoder, view, s.picture); err != nil {
		return err
	}
	if err := s.submit(encoder); err != nil {
		return err
	}
	s.chain.Present()
	return s.fault.Take()
}

// upload copies a picture to the GPU.
func (s *screen) upload(picture *image.RGBA) error {
	size := picture.Bounds().Size()
	if s.picture == nil || s.picture.size != size {
		s.picture.release()
		var err error
		s.picture, err = newTexture(s.device, size, wgpu.TextureFormat_RGBA8Unorm, wgpu.TextureUsage_TextureBinding|wgpu.TextureUsage_CopyDst)
		if err != nil {
			return err
		}
		if err := s.blit.bind(s.picture); err != nil {
			return err
		}
	}
	layout := wgpu.TextureDataLayout{BytesPerRow: uint32(picture.Stride), RowsPerImage: uint32(size.Y)}
	return s.queue.WriteTexture(s.picture.texture.AsImageCopy(), picture.Pix, &layout, s.picture.extent())
}

func (s *screen) resize(width, height int) {
	if s.chain != nil {
		s.chain.Release()
	}
	s.width, s.height = width, height
	s.chain, _ = s.device.CreateSwapChain(s.surface, &wgpu.SwapChainDescriptor{ // its error is always nil
		Usage: wgpu.TextureUsage_RenderAttachment, Format: s.format, Width: uint32(width), Height: uint32(height), PresentMode: wgpu.PresentMode_Fifo,
	})
}

// next returns the texture that the window will show. It returns nil if the window has just
// changed size and has no texture: an event will follow.
func (s *screen) next() (*wgpu.TextureView, error) {
	for range 2 {
		view, err := s.chain.GetCurrentTextureView()
		if err != nil {
			return nil, err
		}
		if !native.Null(view) {
			return view, nil
		}
		s.resize(s.width, s.height)
	}
	return nil, nil
}

func (s *screen) submit(encoder *wgpu.CommandEncoder) error {
	commands, err := encoder.Finish(nil)
	if err != nil {
		return err
	}
	defer commands.Release()
	if err := s.fault.Take(); err != nil {
		return err
	}
	s.queue.Submit(commands)
	return nil
}

// pixels draws the picture of the last show again, to a texture that can be read.
func (s *screen) pixels() (*image.RGBA, error) {
	if s.picture == nil {
		return nil, errors.New("nothing has been shown yet")
	}
	target, err := newTexture(s.device, image.Pt(s.width, s.height), s.format, wgpu.TextureUsage_RenderAttachment|wgpu.TextureUsage_CopySrc)
	if err != nil {
		return nil, err
	}
	defer target.release()
	pitch := (4*s.width + 255) / 256 * 256 // bytes from row to row; WebGPU wants a multiple of 256
	buffer, err := s.device.CreateBuffer(&wgpu.BufferDescriptor{
		Label: "pixels", Size: uint64(pitch * s.height), Usage: wgpu.BufferUsage_MapRead | wgpu.BufferUsage_CopyDst,
	})
	if err != nil {
		return nil, err
	}
	defer buffer.Release()
	encoder, err := s.device.CreateCommandEncoder(nil)
	if err != nil {
		return nil, err
	}
	defer encoder.Release()
	if err := s.blit.draw(encoder, target.view, s.picture); err != nil {
		return nil, err
	}
	layout := wgpu.TextureDataLayout{BytesPerRow: uint32(pitch), RowsPerImage: uint32(s.height)}
	if err := encoder.CopyTextureToBuffer(target.texture.AsImageCopy(), &wgpu.ImageCopyBuffer{Layout: layout, Buffer: buffer}, target.extent()); err != nil {
		return nil, err
	}
	if err := s.submit(encoder); err != nil {
		return nil, err
	}
	return s.read(buffer, pitch)
}

// read waits for a buffer of rows and returns it as a picture.
func (s *screen) read(buffer *wgpu.Buffer, pitch int) (*image.RGBA, error) {
	size := pitch * s.height
	mapping := native.MapAsync(buffer, wgpu.MapMode_Read, size)
	for start := time.Now(); ; native.Sleep(time.Millisecond) {
		s.device.Poll(false, nil)
		if done, ok := mapping.Done(); done {
			mapping.Free()
			if !ok {
				return nil, errors.New("the adapter was lost")
			}
			break
		}
		if time.Since(start) > time.Minute {
			return nil, fmt.Errorf("%s has not finished a picture in a minute: its driver hangs", s.adapter.GetProperties().Name)
		}
	}
	picture := image.NewRGBA(image.Rect(0, 0, s.width, s.height))
	mapped := buffer.GetMappedRange(0, uint(size))
	for y := range s.height {
		row := picture.Pix[y*picture.Stride : (y+1)*picture.Stride]
		copy(row, mapped[y*pitch:])
		if s.format == wgpu.TextureFormat_BGRA8Unorm {
			for x := 0; x < len(row); x += 4 {
				row[x], row[x+2] = row[x+2], row[x]
			}
		}
	}
	return picture, buffer.Unmap()
}

// release waits for the GPU and frees everything that was made.
func (s *screen) release() {
	if s.device != nil {
		s.device.Poll(true, nil)
		s.picture.release()
		s.blit.release()
	}
	if s.chain != nil {
		s.chain.Release()
	}
	if s.device != nil {
		s.queue.Release()
		s.device.Release()
	}
	if s.adapter != nil {
		s.adapter.Release()
	}
	s.surface.Release()
	s.instance.Release()
}
