package engine

import "time"

// FailToMap maps a buffer that cannot be mapped: wgpu reports an error that no call returns.
func FailToMap(b *Buffer) { b.gpu.Map(b.size) }

// Staging returns the bytes of the staging buffers that the device keeps: to write through and to
// read through.
func (d *Device) Staging() (write, read int) {
	for _, s := range d.uploads.buffers {
		if s != nil {
			write += s.size
		}
	}
	for _, s := range d.kept {
		read += s.size
	}
	return write, read
}

// LoseUploads destroys the buffers to write through while their mappings are requested. The mappings
// fail, as they do when a device is lost.
func (d *Device) LoseUploads() error {
	for _, s := range d.uploads.buffers {
		if err := d.unmap(s, s.size); err != nil {
			return err
		}
	}
	return nil
}

// LoseDownloads does the same to the buffers of a submission's reads.
func (p *Pending) LoseDownloads() error {
	for _, l := range p.downloads {
		if err := p.device.unmap(l.staging, l.bytes); err != nil {
			return err
		}
	}
	return nil
}

// unmap destroys a staging buffer while its mapping is requested.
func (d *Device) unmap(s *staging, bytes int) error {
	if err := s.wait(d, time.Now()); err != nil {
		return err
	}
	if err := s.gpu.Unmap(); err != nil {
		return err
	}
	s.request(bytes)
	s.gpu.Destroy()
	return nil
}

// SetHangTimeout sets hangTimeout and returns the value before.
func SetHangTimeout(d time.Duration) (before time.Duration) {
	before, hangTimeout = hangTimeout, d
	return before
}

// Drain waits for a submission after Wait has given up.
func (p *Pending) Drain() {
	for _, l := range p.downloads {
		for !l.mapping.Done() {
		}
	}
}
