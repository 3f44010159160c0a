package unpickle

import "bufio"

// patch replaces the bytes from up to to of the file, for gopickle.
type patch struct {
	from, to int64
	with     []byte
}

// patched reads a file with its patches applied.
type patched struct {
	file    *bufio.Reader
	at      int64
	patches []patch
}

// Read implements io.Reader.
func (p *patched) Read(buffer []byte) (int, error) {
	for len(p.patches) > 0 && p.patches[0].from == p.at {
		next := &p.patches[0]
		if n := copy(buffer, next.with); n > 0 {
			next.with = next.with[n:]
			return n, nil
		}
		if _, err := p.file.Discard(int(next.to - next.from)); err != nil {
			return 0, err
		}
		p.at = next.to
		p.patches = p.patches[1:]
	}
	if len(p.patches) > 0 {
		buffer = buffer[:min(int64(len(buffer)), p.patches[0].from-p.at)]
	}
	n, err := p.file.Read(buffer)
	p.at += int64(n)
	return n, err
}
