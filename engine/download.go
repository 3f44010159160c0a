package engine

import (
	"slices"

	"wgpucnn/engine/internal/host"
)

// readback is a copy to the host: from src through a staging buffer to dst.
type readback struct {
	src View
	dst []byte
}

// download is a staging buffer and the reads that pass through it. The reads of a recording may
// need several, and each has a submission of its own. So the host copies the first to its
// memory while the GPU transfers the next.
type download struct {
	*staging
	reads []readback
	bytes int // 4 for no reads: mapping a staging buffer is how the end of a submission is seen
}

// keptDownloads bounds the bytes of staging buffers that a device keeps for later reads.
const keptDownloads = 64 << 20

// downloads gives each read its staging buffers.
func (d *Device) downloads(reads []readback) ([]download, error) {
	var all []download
	for _, reads := range cut(reads) {
		one := download{reads: reads}
		for _, r := range reads {
			one.bytes += r.src.Size
		}
		one.bytes = max(one.bytes, 4)
		var err error
		if one.staging, err = d.takeDownload(one.bytes); err != nil {
			for _, taken := range all {
				d.keepDownload(taken.staging)
			}
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// cut cuts reads into groups of at most mostStaging bytes. There is at least one group.
func cut(reads []readback) [][]readback {
	groups, room := [][]readback{nil}, mostStaging
	for _, r := range reads {
		for r.src.Size > 0 {
			if room == 0 {
				groups, room = append(groups, nil), mostStaging
			}
			n := min(room, r.src.Size)
			last := len(groups) - 1
			groups[last] = append(groups[last], readback{View{r.src.Buffer, r.src.Offset, n}, r.dst[:n]})
			r = readback{View{r.src.Buffer, r.src.Offset + n, r.src.Size - n}, r.dst[n:]}
			room -= n
		}
	}
	return groups
}

// takeDownload returns the smallest kept staging buffer for so many bytes, or a new one.
func (d *Device) takeDownload(bytes int) (*staging, error) {
	best := -1
	for i, s := range d.kept {
		if s.size >= bytes && (best < 0 || s.size < d.kept[best].size) {
			best = i
		}
	}
	if best < 0 {
		return d.newStaging(host.Download, bytes)
	}
	s := d.kept[best]
	d.kept = slices.Delete(d.kept, best, best+1)
	return s, nil
}

// keepDownload keeps a staging buffer for later reads, or frees it.
func (d *Device) keepDownload(s *staging) {
	bytes := s.size
	for _, other := range d.kept {
		bytes += other.size
	}
	if bytes > keptDownloads {
		d.free(s.gpu)
		return
	}
	d.kept = append(d.kept, s)
}

// record records the copies to the staging buffer and returns all commands of an encoder.
func (l download) record(encoder *host.Encoder) (*host.Commands, error) {
	if len(l.reads) == 0 {
		if err := encoder.Clear(l.gpu, 4); err != nil {
			return nil, err
		}
	}
	offset := 0
	for _, r := range l.reads {
		if err := encoder.Copy(l.gpu, offset, r.src.Buffer.gpu, r.src.Offset, r.src.Size); err != nil {
			return nil, err
		}
		offset += r.src.Size
	}
	return encoder.Finish()
}

// collect copies the reads to the host's memory. The staging buffer must be mapped.
func (l download) collect() error {
	offset := 0
	for _, r := range l.reads {
		l.gpu.Read(offset, r.dst)
		offset += r.src.Size
	}
	return l.gpu.Unmap()
}
