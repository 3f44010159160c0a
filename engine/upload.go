package engine

import (
	"cmp"
	"fmt"
	"time"

	"wgpucnn/engine/internal/host"
)

// uploads carries the bytes of Device.Write. It has two staging buffers. Writes fill the one that is
// mapped, the open one. The next submission sends the open buffer to the GPU. If the buffer is full
// before that, a submission of its own sends it. Writes then fill the other buffer.
type uploads struct {
	buffers [2]*staging // nil before their first use
	open    int         // index of the buffer that writes fill
	mapped  bool        // the open buffer is mapped; false before the first write after a submission
	filled  int         // bytes of the open buffer
	copies  []upload    // out of the open buffer
	sent    time.Time   // when the other buffer went to the GPU
}

// upload is a copy out of a staging buffer.
type upload struct {
	from   int
	to     View
	memory *host.Buffer // of to.Buffer at the time of the write
}

// Write copies data to a view of the same size. Earlier submissions see the old contents, later
// submissions the new ones. Write does not keep data. If much was written, it may wait for the GPU.
func (d *Device) Write(v View, data []byte) error {
	defer begin()()
	if err := cmp.Or(d.check(), v.check()); err != nil {
		return err
	}
	if len(data) != v.Size {
		return fmt.Errorf("engine: %v: %d bytes of data", v, len(data))
	}
	for done := 0; done < v.Size; {
		n, err := d.upload(View{v.Buffer, v.Offset + done, v.Size - done}, data[done:])
		if err != nil {
			return err
		}
		done += n
	}
	if err := d.host.Fault(); err != nil {
		return d.explain(v.String(), err)
	}
	return nil
}

// upload puts data into the open staging buffer, as much as there is room for. It returns how much
// that was.
func (d *Device) upload(v View, data []byte) (int, error) {
	u := &d.uploads
	if !u.mapped {
		if err := d.openUpload(len(data)); err != nil {
			return 0, err
		}
	}
	s := u.buffers[u.open]
	n := min(len(data), s.size-u.filled)
	s.gpu.Write(u.filled, data[:n])
	u.copies = append(u.copies, upload{u.filled, View{v.Buffer, v.Offset, n}, v.Buffer.gpu})
	if u.filled += n; u.filled < s.size {
		return n, nil
	}
	return n, d.submit()
}

// openUpload maps the next staging buffer. If that is too small for so many bytes, a larger one
// takes its place.
func (d *Device) openUpload(bytes int) error {
	u := &d.uploads
	bytes = min(bytes, mostStaging)
	s := u.buffers[u.open]
	if s != nil {
		if err := s.wait(d, u.sent); err != nil {
			return err
		}
		if s.size < bytes {
			s.gpu.Release()
			s, u.buffers[u.open] = nil, nil
		}
	}
	if s == nil {
		var err error
		if s, err = d.newStaging(host.Upload, bytes); err != nil {
			return err
		}
		u.buffers[u.open] = s
	}
	u.mapped = true
	return nil
}

// submit gives commands to the GPU, behind the copies of the writes before them. An error means that
// the GPU got nothing.
func (d *Device) submit(commands ...*host.Commands) error {
	u := &d.uploads
	s := u.buffers[u.open]
	if u.mapped {
		copies, err := d.uploadCommands(s)
		if err == nil {
			defer d.free(copies)
			err = s.gpu.Unmap()
		}
		if err != nil {
			return d.explain("copies to the GPU", err)
		}
		commands = append([]*host.Commands{copies}, commands...)
	}
	d.host.Submit(commands...)
	d.submissions++
	if u.mapped {
		s.request(s.size)
		clear(u.copies)
		*u = uploads{buffers: u.buffers, open: 1 - u.open, copies: u.copies[:0], sent: time.Now()}
	}
	return nil
}

// uploadCommands returns the copies out of a staging buffer. It leaves out buffers that were released
// after the write.
func (d *Device) uploadCommands(s *staging) (*host.Commands, error) {
	encoder, err := d.host.NewEncoder()
	if err != nil {
		return nil, err
	}
	defer d.free(encoder)
	for _, c := range d.uploads.copies {
		if c.to.Buffer.gpu != c.memory {
			continue
		}
		if err := encoder.Copy(c.memory, c.to.Offset, s.gpu, c.from, c.to.Size); err != nil {
			return nil, err
		}
	}
	return encoder.Finish()
}

// release frees the staging buffers. It waits for copies that are on their way.
func (u *uploads) release(d *Device) {
	for _, s := range u.buffers {
		if s != nil && s.wait(d, u.sent) == nil {
			s.gpu.Release()
		}
	}
	*u = uploads{}
}
